import type { Actor } from '../audit/index.ts';

/** Whoever a token speaks for, with what it may do. */
export interface Principal extends Actor {
  /** Holds every right. */
  readonly isSuperuser: boolean;
}
