import { LIMITS, WorkerUnavailable, type X509Worker } from '../x509/index.ts';
import { Abandoned, Busy } from './errors.ts';
import { takeTurns } from './turns.ts';

/** Work whose cost lies in a passphrase's key derivation, and with it in the hands of whoever sends a file. */
export interface PassphraseWork {
  /**
   * Runs one of the worker's tasks when its turn comes.
   *
   * @param signal aborted when the caller leaves
   * @throws {Busy} where too many wait, the turn does not come in time, or earlier work still holds the threads
   * @throws {ServerEnding} where this process is about to end
   * @throws {Abandoned} where the caller left, whether it waited or its work ran
   * @throws what else {@link X509Worker.run} does
   */
  readonly run: X509Worker['run'];
  /** Refuses what waits; what runs, runs on. */
  beginClosing(): void;
}

/** Beside the one that works. A file of everyday cost takes half a second. */
const QUEUE_LENGTH = 16;

/**
 * Prepares the work. One thread works for all who ask, and beside the one that describes chains: neither waits for the other's
 * (docs/decisions/0016-work-in-a-thread-with-a-clock.md).
 */
export function passphraseWork(worker: Pick<X509Worker, 'run'>): PassphraseWork {
  const refusal = () => new Busy('PASSPHRASE', LIMITS.WORK_MS / 1000);
  const turns = takeTurns({ slots: 1, length: QUEUE_LENGTH, patienceMs: LIMITS.WORK_MS, refusal });
  return {
    run: (task, input, signal = new AbortController().signal) =>
      turns
        .run(() => worker.run(task, input, signal), signal)
        .catch((error: unknown) => {
          throw signal.aborted ? new Abandoned() : isOverwhelmed(error) ? refusal() : error;
        }),
    beginClosing: () => turns.close(),
  };
}

/** Nothing is wrong with what was sent, nor with us: it may be sent again. */
function isOverwhelmed(error: unknown): boolean {
  return error instanceof WorkerUnavailable && (error.failure === 'OVERWHELMED' || error.failure === 'CLOSED');
}
