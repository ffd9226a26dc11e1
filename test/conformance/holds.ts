import { isDeepStrictEqual } from 'node:util';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;

/** What a generation makes anew differs each time, yet it has a form. */
const VOLATILE_FORMS: Readonly<Record<string, RegExp>> = {
  fingerprint_sha256: /^[0-9a-f]{2}(:[0-9a-f]{2}){31}$/,
  fingerprint_sha1: /^[0-9a-f]{2}(:[0-9a-f]{2}){19}$/,
  cert_expiry: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
};

/**
 * Whether an answer holds what was recorded; objects may have more keys. `<pk>` and `<uuid>` stand for an id, `<volatile>` for
 * anything but nothing; where an object has a `pk`, each `<uuid>` in it is that one.
 *
 * @returns what differs first; undefined when nothing does
 */
export function holds(wanted: unknown, got: unknown, path = '$'): string | undefined {
  if (Array.isArray(wanted) && Array.isArray(got) && wanted.length === got.length) {
    return first(wanted.map((item, index) => holds(item, got[index], `${path}[${index}]`)));
  }
  if (isObject(wanted) && isObject(got)) {
    const own = typeof got['pk'] === 'string' ? withId(wanted, got['pk']) : wanted;
    return first(Object.entries(own).map(([key, value]) => holds(value, got[key], `${path}.${key}`)));
  }
  const isHeld =
    typeof wanted === 'string' && typeof got === 'string'
      ? holdsText(wanted, got, path.split('.').at(-1) ?? '')
      : isDeepStrictEqual(wanted, got);
  return isHeld ? undefined : difference(path, wanted, got);
}

/** The two values, as a line for a reader. */
export function difference(what: string, wanted: unknown, got: unknown): string {
  return `${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`;
}

function withId(wanted: Record<string, unknown>, id: string): Record<string, unknown> {
  const entries = Object.entries(wanted);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === 'string' ? value.replaceAll('<uuid>', id) : value]),
  );
}

function holdsText(wanted: string, got: string, key: string): boolean {
  if (wanted === '<volatile>') {
    return (VOLATILE_FORMS[key] ?? /./).test(got);
  }
  const pattern = wanted
    .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/<pk>|<uuid>/g, UUID.source)
    .replaceAll('<volatile>', '.+');
  return new RegExp(`^${pattern}$`, 's').test(got);
}

function first(values: (string | undefined)[]): string | undefined {
  return values.find((value) => value !== undefined);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
