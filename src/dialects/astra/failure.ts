import type { z } from 'zod';

/** What of a value breaks a rule, and which rule. */
export interface Failure {
  readonly path: readonly PropertyKey[];
  /** Nothing of what was sent. */
  readonly rule: string;
}

/**
 * The first of the failures that a schema found.
 *
 * @param error of a parse with `wordIssue`
 */
export function firstFailure({ issues }: z.ZodError): Failure {
  const [issue] = issues as [z.core.$ZodIssue];
  return issue.code === 'unrecognized_keys'
    ? { path: [...issue.path, ...issue.keys.slice(0, 1)], rule: 'there is no such field' }
    : { path: issue.path, rule: issue.message };
}
