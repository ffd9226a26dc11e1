import {
  type Grant,
  NotAGrant,
  NotAReach,
  parseGrant,
  parseInstant,
  parseReach,
  type Reach,
} from '../../../access/index.ts';
import { typeName } from '../body.ts';
import { charRule, field, pythonText, type Rule } from '../fields.ts';
import type { JsonValue } from '../json.ts';
import { PythonNumber, parseInteger } from '../python.ts';

type Documented = Readonly<Record<string, unknown>>;

/** Django REST framework's CharField with a bound. */
export function boundedCharField(limit: number, documented: Documented = {}) {
  return field(bounded(limit), { type: 'string', minLength: 1, maxLength: limit, ...documented });
}

/** Its SlugField. */
export function slugField(limit: number) {
  const rule = bounded(limit);
  return field<string>(
    (value, refuse) => {
      const text = rule(value, refuse);
      // What was refused already is no string.
      return typeof text !== 'string' || SLUG.test(text) ? text : refuse({ code: 'NOT_A_SLUG' });
    },
    { type: 'string', minLength: 1, maxLength: limit, pattern: SLUG.source },
  );
}

const SLUG = /^[-a-zA-Z0-9_]+$/;
const CHARACTERS = charRule(false);

function bounded(limit: number): Rule<string> {
  return (value, refuse) => {
    const text = CHARACTERS(value, refuse);
    const isTooLong = typeof text === 'string' && Array.from(text).length > limit;
    return isTooLong ? refuse({ code: 'TOO_LONG', limit }) : text;
  };
}

/** The texts that its BooleanField takes for a yes and a no, in lower case; it knows each in three ways of writing it. */
const TRUE = ['t', 'y', 'yes', 'true', 'on', '1', '1.0'];
const FALSE = ['f', 'n', 'no', 'false', 'off', '0', '0.0'];

/** Its BooleanField. */
export function booleanField(documented: Documented = {}) {
  return field<boolean>(
    (value, refuse) => {
      const text = typeof value === 'boolean' ? String(value) : scalarText(value)?.toLowerCase();
      if (text !== undefined && (TRUE.includes(text) || FALSE.includes(text))) {
        return TRUE.includes(text);
      }
      return refuse({ code: 'NOT_A_BOOLEAN' });
    },
    { type: 'boolean', ...documented },
  );
}

/** Its DateTimeField, which may be null. */
export function instantField(documented: Documented = {}) {
  return field<Date | null>(
    (value, refuse) =>
      value === null ? null : (parseInstant(typeof value === 'string' ? value : '') ?? refuse({ code: 'NOT_A_TIME' })),
    { type: 'string', format: 'date-time', nullable: true, ...documented },
    true,
  );
}

/** No principal has a number beyond PostgreSQL's integers. */
const MAX_NUMBER = 2n ** 31n - 1n;

/** Its PrimaryKeyRelatedField, of a principal: its number; undefined for one that no principal can have. */
export function principalField(documented: Documented = {}) {
  return field<{ readonly written: string; readonly number: number | undefined }>(
    (value, refuse) => {
      const written = scalarText(value);
      const number = written === undefined ? undefined : parseInteger(written);
      if (written === undefined || number === undefined) {
        return refuse({ code: 'NOT_A_PK', type: typeOf(value) });
      }
      return { written, number: number >= 1n && number <= MAX_NUMBER ? Number(number) : undefined };
    },
    { type: 'integer', ...documented },
  );
}

/** No token needs more: 11 permissions, and single keypairs. */
const MAX_ITEMS = 1000;

/** A list of texts, each of which is read, or refused as no choice. */
function listField<T>(read: (text: string) => T | undefined, documented: Documented) {
  return field<T[]>(
    (value, refuse) => {
      if (!Array.isArray(value)) {
        return refuse({ code: 'NOT_A_LIST', type: typeOf(value) });
      }
      if (value.length > MAX_ITEMS) {
        return refuse({ code: 'TOO_LONG', limit: MAX_ITEMS });
      }
      const items: T[] = [];
      for (const item of value as readonly JsonValue[]) {
        const parsed = typeof item === 'string' ? read(item) : undefined;
        if (parsed === undefined) {
          return refuse({ code: 'NOT_A_CHOICE', given: pythonText(item) });
        }
        items.push(parsed);
      }
      return items;
    },
    { type: 'array', items: { type: 'string' }, ...documented },
  );
}

/** Permissions, on everything or (`@` and its UUID behind it) on one keypair. */
export function grantsField(documented: Documented = {}) {
  return listField<Grant>((text) => unless(NotAGrant, () => parseGrant(text)), documented);
}

/** Realms, or single scopes of them. */
export function reachField(documented: Documented = {}) {
  return listField<Reach>((text) => unless(NotAReach, () => parseReach(text)), documented);
}

function unless<T>(refusal: typeof NotAGrant | typeof NotAReach, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof refusal) {
      return undefined;
    }
    throw error;
  }
}

function scalarText(value: JsonValue): string | undefined {
  if (value instanceof PythonNumber) {
    return value.text;
  }
  return typeof value === 'string' ? value : undefined;
}

function typeOf(value: JsonValue): string {
  if (value === null || (typeof value === 'object' && !Array.isArray(value) && !(value instanceof PythonNumber))) {
    return value === null ? 'NoneType' : 'dict';
  }
  return typeName(value as Parameters<typeof typeName>[0]);
}
