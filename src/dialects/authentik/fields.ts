import { z } from 'zod';
import type { JsonObject, JsonValue } from './json.ts';
import { PythonNumber, parseInteger, strip, WHITE_SPACE } from './python.ts';

/** What a field can be refused for, before anybody looks at what it means. `errors.ts` words each of them. */
export type FieldProblem =
  | { readonly code: 'REQUIRED' }
  | { readonly code: 'NULL' }
  | { readonly code: 'BLANK' }
  | { readonly code: 'NOT_A_STRING' }
  | { readonly code: 'NULL_CHARACTERS' }
  | { readonly code: 'NOT_AN_INTEGER' }
  | { readonly code: 'STRING_TOO_LARGE' }
  | { readonly code: 'NOT_A_CHOICE'; readonly given: string }
  | { readonly code: 'NOT_A_BOOLEAN' }
  | { readonly code: 'NOT_A_SLUG' }
  | { readonly code: 'TOO_LONG'; readonly limit: number }
  | { readonly code: 'NOT_A_TIME' }
  | { readonly code: 'NOT_A_LIST'; readonly type: string }
  | { readonly code: 'NOT_A_PK'; readonly type: string };

/** The original refuses longer texts before it looks for an integer in them. */
const MAX_INTEGER_TEXT = 1000;

const ZERO_FRACTION = new RegExp(String.raw`\.0*${WHITE_SPACE.source}*$`);

/** The rule of one field: reads a JSON value, or says what it is refused for. */
export type Rule<T> = (value: JsonValue, refuse: (problem: FieldProblem) => T) => T;

/**
 * A field as a zod schema.
 *
 * @param documented what OpenAPI shows of it: the rule itself is code
 * @param isNullable whether null goes to the rule too, which refuses nothing else that way
 */
export function field<T>(rule: Rule<T>, documented: Readonly<Record<string, unknown>>, isNullable = false) {
  return z
    .unknown()
    .transform((value, context): T => {
      const refuse = (problem: FieldProblem): T => {
        context.addIssue({ code: 'custom', params: problem, message: problem.code });
        return z.NEVER;
      };
      if (value === undefined) {
        return refuse({ code: 'REQUIRED' });
      }
      return value === null && !isNullable ? refuse({ code: 'NULL' }) : rule(value as JsonValue, refuse);
    })
    .meta(documented);
}

/** The rule of {@link charField}. */
export function charRule(allowBlank: boolean): Rule<string> {
  return (value, refuse) => {
    if (typeof value !== 'string' && !(value instanceof PythonNumber)) {
      return refuse({ code: 'NOT_A_STRING' });
    }
    const text = strip(typeof value === 'string' ? value : value.text);
    if (text === '' && !allowBlank) {
      return refuse({ code: 'BLANK' });
    }
    return text.includes('\0') ? refuse({ code: 'NULL_CHARACTERS' }) : text;
  };
}

/** Django REST framework's CharField: numbers count as their text, blanks around are cut off. */
export function charField({ allowBlank, ...documented }: { allowBlank: boolean; [documented: string]: unknown }) {
  return field(charRule(allowBlank), { type: 'string', ...(allowBlank ? {} : { minLength: 1 }), ...documented });
}

/** Its IntegerField: what Python's `int` reads from the value's text, a fraction of zeros aside. */
export function integerField(documented: Readonly<Record<string, unknown>>) {
  return field<bigint>(
    (value, refuse) => {
      if (typeof value === 'string' && Array.from(value).length > MAX_INTEGER_TEXT) {
        return refuse({ code: 'STRING_TOO_LARGE' });
      }
      return parseInteger(pythonText(value).replace(ZERO_FRACTION, '')) ?? refuse({ code: 'NOT_AN_INTEGER' });
    },
    { type: 'integer', ...documented },
  );
}

/** Its ChoiceField: one of the given texts, exactly. */
export function choiceField<const Choice extends string>(
  choices: readonly Choice[],
  documented: Readonly<Record<string, unknown>>,
) {
  return field<Choice>(
    (value, refuse) => {
      const given = pythonText(value);
      return choices.find((choice) => choice === given) ?? refuse({ code: 'NOT_A_CHOICE', given });
    },
    { type: 'string', enum: [...choices], ...documented },
  );
}

type Fields = Readonly<Record<string, z.ZodType>>;

/** Sound values, and what the other fields are refused for. */
export interface FieldsRead<Shape extends Fields> {
  readonly values: { readonly [Name in keyof Shape]?: z.output<Shape[Name]> };
  readonly problems: ReadonlyMap<string, FieldProblem>;
}

/** Reads every field by itself: a refused one does not keep the others from being looked at. Unknown members are ignored. */
export function readFields<Shape extends Fields>(schema: z.ZodObject<Shape>, body: JsonObject): FieldsRead<Shape> {
  const values: Record<string, unknown> = {};
  const problems = new Map<string, FieldProblem>();
  for (const [name, rule] of Object.entries(schema.shape)) {
    const result = rule.safeParse(Object.hasOwn(body, name) ? body[name] : undefined);
    if (result.success) {
      values[name] = result.data;
    } else {
      problems.set(name, problemOf(result.error));
    }
  }
  return { values: values as FieldsRead<Shape>['values'], problems };
}

function problemOf(error: z.ZodError): FieldProblem {
  const [issue] = error.issues;
  if (issue?.code !== 'custom' || issue.params === undefined) {
    throw new Error('a field was refused for a reason that this dialect has no words for', { cause: error });
  }
  return issue.params as FieldProblem;
}

/** More of a list or an object is not echoed: writing a megabyte of it as Python would takes long, and nobody reads it. */
const MAX_ECHO = 1000;

/** Python's `str` of a JSON value. */
export function pythonText(value: JsonValue): string {
  if (typeof value === 'string') {
    return value;
  }
  return sizeOf(value, MAX_ECHO) < MAX_ECHO ? pythonRepr(value) : '…';
}

/** Members and characters of a value, counted no further than the limit. */
function sizeOf(value: JsonValue, limit: number): number {
  if (typeof value !== 'object' || value === null || value instanceof PythonNumber) {
    return typeof value === 'string' ? value.length : 1;
  }
  if (Array.isArray(value) && value.length >= limit) {
    // Each member counts for one at least. The loop would list all indexes of the array before its first round.
    return limit;
  }
  let size = 0;
  for (const key in value) {
    size += 1 + key.length + sizeOf((value as JsonObject)[key] as JsonValue, limit - size);
    if (size >= limit) {
      break;
    }
  }
  return size;
}

function pythonRepr(value: JsonValue): string {
  if (value instanceof PythonNumber) {
    return value.text;
  }
  if (Array.isArray(value)) {
    return `[${value.map(pythonRepr).join(', ')}]`;
  }
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'boolean':
      return value ? 'True' : 'False';
    default:
      return value === null
        ? 'None'
        : `{${Object.entries(value)
            .map(([key, member]) => `${quoted(key)}: ${pythonRepr(member)}`)
            .join(', ')}}`;
  }
}

/** Single quotes, unless the text holds one and no double quote; what can't be printed is escaped. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll(/[\\'"]|(?! )[\p{C}\p{Z}]/gu, (character) => {
    if (/['"]/.test(character)) {
      return character === quote ? `\\${quote}` : character;
    }
    return ESCAPES[character] ?? codeEscape(character.codePointAt(0) ?? 0);
  });
  return quote + escaped + quote;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function codeEscape(code: number): string {
  const digits = code.toString(16);
  if (code < 0x100) {
    return `\\x${digits.padStart(2, '0')}`;
  }
  return code < 0x1_0000 ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
}
