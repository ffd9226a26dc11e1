import { setTimeout } from 'node:timers/promises';
import { PAIRS, send } from './client.ts';
import type { Target } from './load/load.ts';

/** How long a client that was sent away waits: little, so that the queue is full again at once. */
const RETRY_MS = 100;

export interface Generating {
  /** Keys made so far. */
  readonly made: number;
  /** Requests sent away with 503 so far. */
  readonly refused: number;
  /**
   * Begins nothing more, and waits for what was begun.
   *
   * @throws {Error} where any answer was neither a pair nor 503
   */
  stop(): Promise<void>;
}

let names = 0;

/** Lets so many clients ask for RSA-4096 keys, each again as soon as it has its answer. */
export function keepGenerating(target: Target, clients: number): Generating {
  const counts = { made: 0, refused: 0 };
  let isOver = false;
  const generate = async () => {
    while (!isOver) {
      const common_name = `generated meanwhile ${names++}`;
      const response = await send(target, `${PAIRS}generate/`, { common_name, validity_days: 1, alg: 'rsa' });
      await response.arrayBuffer();
      if (response.status === 503) {
        counts.refused++;
        await setTimeout(RETRY_MS);
      } else if (response.ok) {
        counts.made++;
      } else {
        throw new Error(`a generation was answered ${response.status}`);
      }
    }
  };
  const ended = Promise.allSettled(Array.from({ length: clients }, generate));
  return {
    get made() {
      return counts.made;
    },
    get refused() {
      return counts.refused;
    },
    async stop() {
      isOver = true;
      const failed = (await ended).find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') {
        throw failed.reason;
      }
    },
  };
}
