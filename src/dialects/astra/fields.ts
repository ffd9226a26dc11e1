import { z } from 'zod';
import { wordIssue } from '../../http/index.ts';
import { type Failure, firstFailure } from './failure.ts';
import { IDENTIFIER } from './identifier.ts';

/** Kinds of fields (contract §1). */

/** Of whoever and whatever has an id. */
export const identifier = z.string().regex(IDENTIFIER);

/** In UTC alone, with up to nine decimals behind a point or a comma. */
export const timestamp = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?Z$/)
  .refine(isOnCalendar, 'must be a date and a time that there are');

/** The standard alphabet with padding and without line breaks; '' is some too. */
export const base64 = z.string().regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);

/** Booleans are texts. */
export const booleanText = z.enum(['true', 'false']);

/** A text that is not empty. Its length is in code points, as JSON Schema counts it. */
export function text(max: number) {
  return z
    .string()
    .min(1)
    .refine(
      (value) => value.length <= max || (value.length <= 2 * max && Array.from(value).length <= max),
      `must have at most ${max} characters`,
    )
    .meta({ maxLength: max });
}

/**
 * An array whose items are looked at in turn, up to the first that is not sound: a body has room for hundreds of thousands.
 *
 * @param keyOf of items that must differ; two are equal that have the same
 */
export function items<Item extends z.ZodType>(item: Item, keyOf?: (value: z.output<Item>) => string) {
  return z
    .array(z.unknown())
    .check((context) => {
      const failure = failureIn(context.value, item, keyOf);
      if (failure !== undefined) {
        const { path, rule } = failure;
        context.issues.push({ code: 'custom', path: [...path], message: rule, input: context.value });
      }
    })
    .pipe(z.array(item))
    .meta({ items: jsonSchemaOf(item), ...(keyOf === undefined ? {} : { uniqueItems: true }) });
}

function failureIn<Item extends z.ZodType>(
  values: readonly unknown[],
  item: Item,
  keyOf?: (value: z.output<Item>) => string,
): Failure | undefined {
  const seen = new Set<string>();
  for (const [index, value] of values.entries()) {
    const { data, error } = item.safeParse(value, { error: wordIssue });
    if (error !== undefined) {
      const { path, rule } = firstFailure(error);
      return { path: [index, ...path], rule };
    }
    const key = keyOf?.(data);
    if (key !== undefined && seen.has(key)) {
      return { path: [index], rule: 'is there twice' };
    }
    if (key !== undefined) {
      seen.add(key);
    }
  }
  return undefined;
}

/** As OpenAPI 3.0 has it. */
function jsonSchemaOf(item: z.ZodType) {
  return z.toJSONSchema(item, { target: 'openapi-3.0', io: 'input' }) as object;
}

function isOnCalendar(value: string): boolean {
  const seconds = value.slice(0, 19);
  const date = new Date(`${seconds}Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(seconds);
}
