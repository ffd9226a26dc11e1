import { setTimeout as wait } from 'node:timers/promises';
import { JourneyEnded } from './client.ts';
import type { Tally } from './tally.ts';

/** Requests that follow from each other, such as the life of one pair. */
export interface Journey {
  readonly name: string;
  /** How many requests it makes. */
  readonly requests: number;
  run(): Promise<void>;
}

/** How the tally counts them. */
export const NOT_BEGUN = 'a journey not begun, since too many are under way';

/** As often as it is looked whether a journey is due. */
const TICK_MS = 5;
/** Where so many journeys are under way, the server or its machine does not keep up: one more is not begun. */
const MOST_UNDER_WAY = 300;

/**
 * Begins journeys by turns, each when it is due and whether or not those before have ended, so that a slow answer delays nobody's
 * request but its own journey's. Ends with the last one that it began.
 *
 * @param cycle in the order in which they are begun, again and again
 * @param rate requests a second
 */
export async function pace(cycle: readonly Journey[], rate: number, seconds: number, tally: Tally): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const begin = performance.now();
  const elapsed = () => (performance.now() - begin) / 1000;
  for (let requests = 0, turn = 0; elapsed() < seconds; await wait(TICK_MS)) {
    for (; requests < elapsed() * rate; turn++) {
      const journey = cycle[turn % cycle.length] as Journey;
      requests += journey.requests;
      if (underWay.size >= MOST_UNDER_WAY) {
        tally.counted(NOT_BEGUN);
        continue;
      }
      const run = finish(journey, tally).finally(() => underWay.delete(run));
      underWay.add(run);
    }
  }
  await Promise.all(underWay);
}

/** Repeats what is done beside the load, one at a time, until the signal. */
export async function repeat(journey: Journey, everyMs: number, signal: AbortSignal, tally: Tally): Promise<void> {
  while (!signal.aborted) {
    await Promise.all([finish(journey, tally), wait(everyMs, undefined, { signal }).catch(() => {})]);
  }
}

async function finish(journey: Journey, tally: Tally): Promise<void> {
  try {
    await journey.run();
    tally.counted(`${journey.name}, complete`);
  } catch (error) {
    if (!(error instanceof JourneyEnded)) {
      tally.failed(journey.name, String(error));
    }
  }
}
