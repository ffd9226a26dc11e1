import type { PrincipalId } from '../audit/index.ts';

/** Whoever a token speaks for, with what it may do. */
export interface Principal {
  readonly id: PrincipalId;
  readonly username: string;
  /** Holds every right. */
  readonly isSuperuser: boolean;
}

/** A principal that shows a token. */
export interface Caller extends Principal {
  /** The UUID of the token. */
  readonly tokenId: string;
}
