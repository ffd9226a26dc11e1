import * as errors from '../errors.ts';
import { WorkerUnavailable } from './errors.ts';

/** An error on its way over the border: structured clone would keep neither its class nor its code. */
export type DescribedError =
  | { readonly refusal: Readonly<Record<string, unknown>>; readonly message: string }
  | { readonly mistake: string };

/**
 * Takes an error apart: of an X509Error everything; of any other error only its type and where it was thrown, because its message may
 * hold what it stumbled over.
 */
export function describeError(error: unknown): DescribedError {
  if (error instanceof errors.X509Error) {
    return { refusal: { ...error }, message: error.message };
  }
  const type = error instanceof Error ? error.name : typeof error;
  const frames = (error instanceof Error ? (error.stack ?? '') : '')
    .split('\n')
    .filter((line) => /^ {4}at /.test(line));
  return { mistake: [type, ...frames].join('\n') };
}

/** The error again: one of our own classes with all that it said, or WorkerUnavailable for what was no refusal of the input. */
export function restoreError(described: DescribedError): Error {
  if ('mistake' in described) {
    return new WorkerUnavailable('TASK_FAILED', described.mistake);
  }
  const { refusal, message } = described;
  const error = new Error(message);
  // By their prototype: the constructors take other arguments each, and would word the message again.
  Object.setPrototypeOf(error, classNamed(refusal['name']).prototype as object);
  return Object.assign(error, refusal);
}

const CLASSES: ReadonlyMap<unknown, typeof errors.X509Error> = new Map(
  Object.entries(errors as Readonly<Record<string, unknown>>).flatMap(([name, value]) =>
    isErrorClass(value) ? [[name, value] as const] : [],
  ),
);

function isErrorClass(value: unknown): value is typeof errors.X509Error {
  return typeof value === 'function' && (value === errors.X509Error || value.prototype instanceof errors.X509Error);
}

function classNamed(name: unknown): typeof errors.X509Error {
  return CLASSES.get(name) ?? errors.X509Error;
}
