import { REDACTED } from '../http/index.ts';
import { describeError } from './log-errors.ts';

/** Secret wherever they stand, beside what the schemas of the APIs mark. */
const ALWAYS_SECRET = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'password',
  'passphrase',
  'secret',
  'token',
  'kek',
  'audit-key',
  'key',
  'private-key',
  'key-data',
  'certificate-data',
  'database-url',
  'connection-string',
];

/** Says of fields, by their names, why they were refused: in our words. */
const OF_FIELDS = 'reasons';

const MAX_DEPTH = 8;
const MAX_ITEMS = 100;
const MAX_VERDICTS = 1000;

/** `key_data`, `keyData` and `Key-Data` are one name. */
const plainNameOf = (name: string) => name.toLowerCase().replaceAll(/[-_]/g, '');

/**
 * Where pino itself redacts: in the bindings of child loggers, which it shows to no formatter.
 *
 * @returns paths in pino's syntax, of each name in its three spellings
 */
export function redactedPaths(secretNames: readonly string[]): string[] {
  const spellings = [...ALWAYS_SECRET, ...secretNames].flatMap((name) => {
    const words = name.split(/[-_]/);
    const camel = words.map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)));
    return [words.join('-'), words.join('_'), camel.join('')];
  });
  return [...new Set(spellings)].map((name) => `["${name}"]`);
}

/**
 * Makes what takes secrets out of the objects that are logged, by the names of their fields at any depth. Errors are described, bytes
 * counted, and what is an instance of a class is left out, since nobody knows what it holds.
 *
 * @param secretNames of fields, beside those that are secret everywhere
 */
export function redactor(secretNames: readonly string[]) {
  const secrets = new Set([...ALWAYS_SECRET, ...secretNames].map(plainNameOf));

  const verdicts = new Map<string, boolean>();
  const isSecret = (name: string): boolean => {
    const known = verdicts.get(name);
    if (known !== undefined) {
      return known;
    }
    const verdict = secrets.has(plainNameOf(name));
    // The names are ours, and few, unless somebody logs what came from outside.
    if (verdicts.size < MAX_VERDICTS) {
      verdicts.set(name, verdict);
    }
    return verdict;
  };

  const cleanFields = (fields: object, depth: number): Record<string, unknown> => {
    const cleaned: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(fields)) {
      if (value !== undefined && isSecret(name)) {
        cleaned[name] = REDACTED;
      } else {
        cleaned[name] = name === OF_FIELDS ? value : clean(value, depth + 1);
      }
    }
    return cleaned;
  };

  const clean = (value: unknown, depth: number): unknown => {
    if (typeof value !== 'object' || value === null || value instanceof Date) {
      return value;
    }
    if (value instanceof Error) {
      return describeError(value);
    }
    if (value instanceof Uint8Array) {
      return `[${value.byteLength} bytes]`;
    }
    return depth > MAX_DEPTH ? '[…]' : cleanInside(value, depth);
  };

  const cleanInside = (value: object, depth: number): unknown => {
    if (Array.isArray(value)) {
      return value.slice(0, MAX_ITEMS).map((item) => clean(item, depth + 1));
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === null || prototype === Object.prototype ? cleanFields(value, depth) : undefined;
  };

  return (fields: object): Record<string, unknown> => cleanFields(fields, 0);
}
