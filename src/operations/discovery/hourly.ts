import { createHash } from 'node:crypto';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/**
 * A minute of the hour that is a host's own, so that many hosts do not all begin at once (contract §5).
 *
 * @returns 0 to 59
 */
export function minuteOfHost(host: string): number {
  return createHash('sha256').update(host).digest().readUInt32BE() % 60;
}

/** Whether that minute of an hour began between two moments; a clock that goes back has begun none. */
export function hasBegun(minute: number, since: Date, now: Date): boolean {
  const hours = (moment: Date) => Math.floor((moment.getTime() - minute * MINUTE_MS) / HOUR_MS);
  return hours(now) > hours(since);
}
