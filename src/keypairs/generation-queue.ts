import { Busy } from './errors.ts';
import { type Turns, takeTurns } from './turns.ts';

/** A guess at how long one RSA-4096 generation takes, for the clients that are sent away. */
const SECONDS_PER_GENERATION = 2;

export interface GenerationQueueOptions {
  /** How many generations run at once. */
  readonly slots: number;
  /** How many more may wait. */
  readonly length: number;
}

/** Whoever is sent away is told so by {@link Busy}. */
export type GenerationQueue = Turns;

/**
 * Bounds key generation: it is the one thing here that takes seconds, on threads that the file system and DNS need too
 * (docs/decisions/0009-slow-work-never-blocks-fast-work.md).
 */
export function generationQueue({ slots, length }: GenerationQueueOptions): GenerationQueue {
  const refusal = (waiting: number) =>
    new Busy('KEY_GENERATION', Math.ceil(((waiting + 1) / slots) * SECONDS_PER_GENERATION));
  return takeTurns({ slots, length, refusal });
}
