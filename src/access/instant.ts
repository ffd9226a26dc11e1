const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;
const DURATION = /^(\d{1,6})([mhd])$/;
const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Reads a point in time of ISO 8601: a date, with a time or without; UTC unless an offset stands behind it.
 *
 * @returns undefined for what is none, such as the 30th of February
 */
export function parseInstant(text: string): Date | undefined {
  const [whole, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] =
    INSTANT.exec(text) ?? [];
  const offset = offsetMs(zone);
  if (whole === undefined || offset === undefined) {
    return undefined;
  }
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const local = new Date(`${written}.${fraction.slice(0, 3).padEnd(3, '0')}Z`);
  // Date takes the 30th of February for the 2nd of March, and 24:00 for the next day; the year 0 is none of PostgreSQL's.
  if (Number.isNaN(local.getTime()) || !local.toISOString().startsWith(written) || year === '0000') {
    return undefined;
  }
  const instant = new Date(local.getTime() - offset);
  const years = instant.getUTCFullYear();
  return years >= 1 && years <= 9999 ? instant : undefined;
}

/** Reads a length of time, in milliseconds: `90m`, `12h`, `30d`. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = DURATION.exec(text) ?? [];
  return unit === undefined ? undefined : Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

function offsetMs(zone: string): number | undefined {
  if (/^z$/i.test(zone)) {
    return 0;
  }
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) {
    return undefined;
  }
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
