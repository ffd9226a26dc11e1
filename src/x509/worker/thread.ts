import { Worker } from 'node:worker_threads';
import { BeyondLimits } from '../errors.ts';
import { WorkerUnavailable } from './errors.ts';
import { type Answer, type Order, pack, READY } from './messages.ts';

export interface Bounds {
  /** From when the thread begins with the order, in milliseconds. */
  readonly workMs: number;
  readonly signal: AbortSignal | undefined;
}

/** One thread. Where `perform` rejects, nobody knows what it still does: it must be ended. */
export interface Thread {
  /** Resolves when the thread is gone: of one in native code only when that returns, however early it was told to end. */
  readonly ended: Promise<void>;
  /**
   * Hands over an order and waits for its answer, one at a time. Keeps the process running meanwhile.
   * @throws BeyondLimits WORK_MS, WORK_MEGABYTES
   * @throws WorkerUnavailable where the thread ends by itself
   * @throws the reason of the signal where that is aborted
   */
  perform(order: Order, bounds: Bounds): Promise<Answer>;
  end(): void;
}

interface Turn {
  begin(): void;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Starts a thread.
 * @param file its module, .js or .ts, that calls `serveTasks`
 * @param megabytes of its heap
 */
export function startThread(file: URL, megabytes: number): Thread {
  const worker = startWorker(file, megabytes);
  let turn: Turn | undefined;
  let isReady = false;
  let hasEnded = false;

  worker.on('message', (message: typeof READY | Answer) => {
    if (message === READY) {
      isReady = true;
      turn?.begin();
    } else {
      turn?.resolve(message);
    }
  });
  worker.on('error', (error) =>
    turn?.reject(isReady ? explain(error) : new WorkerUnavailable('THREAD_ENDED', undefined, error)),
  );
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      hasEnded = true;
      turn?.reject(new WorkerUnavailable('THREAD_ENDED'));
      resolve();
    });
  });

  return {
    ended,
    async perform({ task, input }, { workMs, signal }) {
      let clock: NodeJS.Timeout | undefined;
      let leave = () => {};
      worker.ref();
      try {
        return await new Promise<Answer>((resolve, reject) => {
          const begin = () => {
            const { content, transfer } = pack(input);
            worker.postMessage({ task, input: content } satisfies Order, transfer);
            // Where we were too busy to look, the answer may lie there by now: it is read before the check.
            clock = setTimeout(() => setImmediate(reject, new BeyondLimits('WORK_MS')), workMs);
          };
          const tryToBegin = () => {
            try {
              begin();
            } catch (error) {
              // What can't be sent. Thrown from the listener that a cold thread begins by, it would end the process.
              reject(error);
            }
          };
          turn = { begin: tryToBegin, resolve, reject };
          leave = () => reject(signal?.reason);
          signal?.addEventListener('abort', leave, { once: true });
          if (hasEnded) {
            reject(new WorkerUnavailable('THREAD_ENDED'));
          } else if (isReady) {
            tryToBegin();
          }
        });
      } finally {
        turn = undefined;
        clearTimeout(clock);
        signal?.removeEventListener('abort', leave);
        worker.unref();
      }
    },
    end() {
      void worker.terminate();
    },
  };
}

function startWorker(file: URL, megabytes: number): Worker {
  const options = {
    name: 'x509',
    // What is read in there comes from outside, and none of our secrets need be within its reach.
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: megabytes },
  };
  if (!file.pathname.endsWith('.ts') || canStripTypes()) {
    return new Worker(file, options);
  }
  // From the sources, on a Node that does not know TypeScript: tsx is registered in each thread apart.
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const code = `import(${tsx}).then(({ register }) => { register(); return import(${JSON.stringify(file.href)}); })`;
  return new Worker(code, { ...options, eval: true, execArgv: [] });
}

function canStripTypes(): boolean {
  return 'typescript' in process.features && process.features.typescript !== false;
}

function explain(error: Error): Error {
  const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return isMemory ? new BeyondLimits('WORK_MEGABYTES', error) : new WorkerUnavailable('THREAD_ENDED', undefined, error);
}
