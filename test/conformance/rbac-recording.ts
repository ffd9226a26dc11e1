import { readLines } from './replay.ts';

/** Who sends a request: its permissions without their prefix, held globally or on `k1` alone. */
export interface Caller {
  readonly name: string;
  readonly kind: 'anonymous' | 'invalid_token' | 'user' | 'superuser';
  readonly global: readonly string[];
  readonly object_k1: readonly string[];
}

/** One recorded request on a store that holds exactly the pairs `k1` and `k2`, both with a key, and what the original answered. */
export interface RbacLine {
  readonly id: string;
  readonly caller: Caller;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly expect: RbacAnswer;
}

export interface RbacAnswer {
  readonly status: number;
  /** The whole body of an error, or `[]`. */
  readonly json?: unknown;
  /** The keys of an object, in order; more may be sent. */
  readonly keys?: readonly string[];
  readonly names?: readonly string[];
  readonly count?: number;
  readonly name?: string;
  /** Whose stored text comes back: `k2.key_data`. */
  readonly data?: string;
  readonly type?: string;
  readonly disposition?: string;
  readonly allow?: string;
  readonly options_name?: string;
  readonly actions?: readonly string[];
}

/** The lines of `rbac.jsonl`, each independent of the others. */
export function readRbacLines(): RbacLine[] {
  return readLines('rbac.jsonl').map((line) => JSON.parse(line) as RbacLine);
}
