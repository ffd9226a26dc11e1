import { z } from 'zod';
import { LIMITS } from '../../x509/index.ts';

/** Texts in bodies. */

/** No certificate with more alternative names is read back. */
const MAX_ENTRIES = LIMITS.ALTERNATIVE_NAMES;

/** How a text is to be written, where that is more than a length. An empty one that is long enough is always sound. */
export interface Syntax {
  readonly isSound: (text: string) => boolean;
  readonly words: string;
}

export interface TextRule {
  readonly min?: number;
  readonly max?: number;
  /** In the words of JSON Schema. */
  readonly format?: string;
  readonly syntax?: Syntax;
}

/** A text by a rule. Its length is in code points, as JSON Schema counts it; control characters and halves of a surrogate pair are refused. */
export function text(rule: TextRule) {
  return z
    .string()
    .check((context) => {
      const message = problemOf(context.value, rule);
      if (message !== undefined) {
        context.issues.push({ code: 'custom', message, input: context.value });
      }
    })
    .meta(describeForSchema(rule));
}

/** A list of texts by a rule. How many there are is looked at before any of them is: a body has room for half a million. */
export function texts(rule: TextRule) {
  const items = { type: 'string' as const, ...describeForSchema(rule) };
  return z
    .array(z.unknown())
    .max(MAX_ENTRIES)
    .pipe(z.array(text(rule)))
    .meta({ items });
}

function problemOf(value: string, { min = 0, max = Number.POSITIVE_INFINITY, syntax }: TextRule): string | undefined {
  const length = value.length <= max ? value.length : Array.from(value).length;
  if (length < min) {
    return 'must not be empty';
  }
  if (length > max) {
    return `must have at most ${max} characters`;
  }
  if (/[\p{Cc}\p{Cs}]/u.test(value)) {
    return 'must have no control characters';
  }
  return value === '' || syntax === undefined || syntax.isSound(value) ? undefined : syntax.words;
}

function describeForSchema({ min, max, format }: TextRule) {
  return {
    ...(min === undefined ? {} : { minLength: min }),
    ...(max === undefined ? {} : { maxLength: max }),
    ...(format === undefined ? {} : { format }),
  };
}
