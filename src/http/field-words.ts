import type { z } from 'zod';

/** What is said of a field that is not as it should be. Never what was sent: it may be a secret. */

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

/**
 * What is said of an issue of a schema that has no words of its own.
 *
 * @param issue as `z.core.$ZodErrorMap` is given it
 */
export function wordIssue(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'is required'
        : `must be ${TYPES[issue.expected] ?? issue.expected}${wordOther(issue.expected, issue.input)}`;
    case 'invalid_value':
      return issue.input === undefined ? 'is required' : `must be ${issue.values.map(String).join(' or ')}`;
    case 'too_small':
      return wordMinimum(issue);
    case 'too_big':
      return `must ${wordBound(issue, 'at most', issue.maximum)}`;
    case 'invalid_format':
      return issue.pattern === undefined ? `is no ${issue.format}` : `must match ${issue.pattern}`;
    case 'invalid_union':
      return wordUnion(issue);
    default:
      return 'is not valid';
  }
}

interface Bound {
  readonly origin: string;
}

function wordMinimum(issue: Bound & { readonly minimum: number | bigint }): string {
  const isEmpty = issue.minimum === 1 && issue.origin === 'string';
  return isEmpty ? 'must not be empty' : `must ${wordBound(issue, 'at least', issue.minimum)}`;
}

function wordBound({ origin }: Bound, least: 'at least' | 'at most', bound: number | bigint): string {
  const unit = { string: 'characters', array: 'items' }[origin];
  return unit === undefined ? `be ${least} ${bound}` : `have ${least} ${bound} ${unit}`;
}

/** Where each of the forms is refused as a whole. */
function wordUnion({ errors }: { readonly errors?: readonly (readonly z.core.$ZodIssue[])[] | undefined }): string {
  const texts = (errors ?? []).flatMap(([first]) => (first?.path.length === 0 ? [first.message] : []));
  return texts.length === 0 ? 'has none of the forms that it may have' : [...new Set(texts)].join(', or ');
}

/** A number that is not the right kind of number is not told to be one. */
function wordOther(expected: string, value: unknown): string {
  const isNumber = typeof value === 'number' && (expected === 'int' || expected === 'number');
  return isNumber ? '' : `, not ${typeNameOf(value)}`;
}

function typeNameOf(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return 'an array';
  }

  return TYPES[typeof value] ?? typeof value;
}
