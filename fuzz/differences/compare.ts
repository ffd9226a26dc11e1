import type { X509Error } from '../../src/x509/index.ts';
import type { Reference } from '../targets.ts';
import type { Rule } from './rules.ts';

/** A verdict of ours that is not the reference's. */
export interface Difference {
  readonly side: 'weTake' | 'weRefuse';
  readonly cause: string;
  /** Null where nobody knows a rule for it: that is a finding. */
  readonly rule: string | null;
}

/** The cause where the reference says the same of the block that we read: it read another, or none. */
export const OTHER_BLOCK = 'another block';

/**
 * Holds our verdict on a text against the reference's.
 *
 * @param refusal ours, or null where we took the text
 * @returns null where both say the same
 */
export function compareVerdicts(reference: Reference, text: string, refusal: X509Error | null): Difference | null {
  if ((refusalOf(reference, text) === null) === (refusal === null)) return null;
  const side = refusal === null ? 'weTake' : 'weRefuse';
  const cause = refusal === null ? causeOfTheirs(reference, text) : causeOfOurs(reference, text, refusal);
  const der = derOf(reference.canonical(text) ?? '');
  const holds = (rule: Rule): boolean => rule.cause.test(cause) && (rule.shows?.(der) ?? true);
  const rule = reference.rules[side].find(holds)?.rule ?? null;
  return { side, cause, rule };
}

/** `<what it is>: <error code>`, of sound PEM around the same DER, so that what still displeases is the DER. */
function causeOfTheirs(reference: Reference, text: string): string {
  const error = refusalOf(reference, reference.canonical(text) ?? text);
  if (error === null) return OTHER_BLOCK;
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return `${reference.describe(text)}: ${code}`;
}

function causeOfOurs(reference: Reference, text: string, { reason }: X509Error): string {
  const canonical = reference.canonical(text);
  return canonical === null || refusalOf(reference, canonical) === null ? reason : OTHER_BLOCK;
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64');
}

function refusalOf({ read }: Reference, text: string): unknown {
  try {
    read(text);
    return null;
  } catch (error) {
    return error;
  }
}
