import {
  type Chain,
  certificateBlocks,
  chainOfOne,
  LIMITS,
  type LoadedCertificate,
  type X509Worker,
} from '../x509/index.ts';
import { Abandoned, Busy } from './errors.ts';
import { takeTurns } from './turns.ts';

export interface ChainWorkOptions {
  readonly worker: Pick<X509Worker, 'run'>;
  /** Told of each chain that was not described, and why. */
  onRefusal(error: unknown): void;
}

/** Describes the certificates of texts that are to be stored. */
export interface ChainWork {
  /**
   * Of one certificate, at once. Of more, when their turn comes, in a thread.
   *
   * @param certificate whose text was loaded: it is sound PEM
   * @param departure gives what is aborted when the caller leaves; asked only where there is something to wait for
   * @returns null where the work was refused, whatever the reason: a pair is stored all the same
   * @throws {Abandoned} where the caller left
   */
  describe(
    certificate: LoadedCertificate & { readonly text: string },
    departure: () => AbortSignal,
  ): Promise<Chain | null>;
  /** Refuses what waits; what runs, runs on. */
  beginClosing(): void;
}

/** Beside what works. An honest chain takes milliseconds, so that a longer queue is one behind somebody else's bad ones. */
const QUEUE_LENGTH = 16;

/**
 * Prepares the work on chains. One thread works, whoever asks, and nobody waits for it longer than LIMITS.WORK_MS
 * (docs/decisions/0016-work-in-a-thread-with-a-clock.md).
 */
export function chainWork({ worker, onRefusal }: ChainWorkOptions): ChainWork {
  const turns = takeTurns({
    slots: 1,
    length: QUEUE_LENGTH,
    patienceMs: LIMITS.WORK_MS,
    refusal: () => new Busy('CHAIN', LIMITS.WORK_MS / 1000),
  });

  return {
    async describe({ text, facts }, departure) {
      const blocks = certificateBlocks(text);
      if (blocks.length === 1) {
        return chainOfOne(facts);
      }
      const signal = departure();
      try {
        return await turns.run(() => worker.run('describeChain', blocks.join('\n'), signal), signal);
      } catch (error) {
        if (signal.aborted) {
          throw new Abandoned();
        }
        onRefusal(error);
        return null;
      }
    },
    beginClosing: () => turns.close(),
  };
}
