import { LIMITS } from '../limits.ts';
import { restoreError } from './described-error.ts';
import { WorkerUnavailable } from './errors.ts';
import { unpack } from './messages.ts';
import type { TaskTable } from './serve-tasks.ts';
import { startThread, type Thread } from './thread.ts';

export interface TaskWorkerOptions {
  /** The module that a thread begins with; it calls `serveTasks`. */
  readonly file: URL;
  /** How long a thread may work on one task, in milliseconds. */
  readonly workMs?: number;
  /** How large a thread's heap may become. */
  readonly megabytes?: number;
  /** How long a thread is kept that has nothing to do, in milliseconds. */
  readonly idleMs?: number;
  /** How many threads that were told to end may still be there when another begins. */
  readonly maxEnding?: number;
}

/** Runs tasks whose cost an attacker chooses, each in a thread, with a clock and a bound of memory. */
export interface TaskWorker<Tasks extends TaskTable> {
  /**
   * Runs a task. Buffers in its input are copied, and the copies overwritten with zeros afterwards.
   *
   * Nobody waits here for another: as many threads run as there are callers, so that who calls bounds them by a queue. The clock starts
   * when a thread begins with the task, after it was started and has loaded: no wait is the task's fault.
   * @param task its name in the table
   * @param input of arrays, plain objects, Buffers, texts, numbers, Dates
   * @param signal aborted when nobody wants the answer any more
   * @throws BeyondLimits WORK_MS, WORK_MEGABYTES, and whatever X509Error the task throws
   * @throws WorkerUnavailable where the work was not done, for no fault of the input
   * @throws the reason of the signal where that is aborted
   */
  run<Task extends keyof Tasks & string>(
    task: Task,
    input: Parameters<Tasks[Task]>[0],
    signal?: AbortSignal,
  ): Promise<Awaited<ReturnType<Tasks[Task]>>>;
  /** How many threads work, wait for work, and were told to end but are not gone. */
  readonly threads: { readonly working: number; readonly idle: number; readonly ending: number };
  /** Ends all threads; resolves when they are gone. What runs is refused, as is whatever comes after. */
  close(): Promise<void>;
}

/** To start a thread takes a tenth of a second or two, which a client that stores one pair after the other shall not pay for each. */
const IDLE_MS = 30_000;

/** A thread in native code ends when that returns. Until then it takes a processor, and this many may do so beside what works. */
const MAX_ENDING = 2;

/** Prepares a worker; no thread is started before the first task. */
export function taskWorker<Tasks extends TaskTable>(options: TaskWorkerOptions): TaskWorker<Tasks> {
  const { file, workMs = LIMITS.WORK_MS, megabytes = LIMITS.WORK_MEGABYTES } = options;
  const { idleMs = IDLE_MS, maxEnding = MAX_ENDING } = options;
  const working = new Set<Thread>();
  const ending = new Set<Thread>();
  let idle: Thread | undefined;
  let closed = false;
  const idleClock = setTimeout(endIdle, idleMs).unref();

  function end(thread: Thread): void {
    ending.add(thread);
    thread.end();
    void thread.ended.then(() => ending.delete(thread));
  }

  function endIdle(): void {
    const thread = idle;
    idle = undefined;
    if (thread !== undefined) {
      end(thread);
    }
  }

  function obtain(): Thread {
    const thread = idle ?? start();
    idle = undefined;
    working.add(thread);
    return thread;
  }

  function start(): Thread {
    const thread = startThread(file, megabytes);
    void thread.ended.then(() => {
      idle = idle === thread ? undefined : idle;
    });
    return thread;
  }

  /** One is kept for the next task, if there is none yet. */
  function release(thread: Thread): void {
    if (closed || idle !== undefined) {
      end(thread);
    } else {
      idle = thread;
      idleClock.refresh();
    }
  }

  /** @throws WorkerUnavailable where too many threads have not ended even after a while */
  async function roomForAnother(): Promise<void> {
    const patienceEnds = performance.now() + workMs;
    // Again and again: callers at once may have left more than one thread too many behind.
    while (!closed && idle === undefined && ending.size >= maxEnding) {
      const left = patienceEnds - performance.now();
      if (left <= 0) {
        throw new WorkerUnavailable('OVERWHELMED');
      }
      await orAfter(left, Promise.race([...ending].map(({ ended }) => ended)));
    }
    if (closed) {
      throw new WorkerUnavailable('CLOSED');
    }
  }

  return {
    async run(task, input, signal) {
      signal?.throwIfAborted();
      await roomForAnother();
      signal?.throwIfAborted();
      const thread = obtain();
      const answer = await thread
        .perform({ task, input }, { workMs, signal })
        .catch((error: unknown) => {
          end(thread);
          throw error;
        })
        .finally(() => working.delete(thread));
      release(thread);
      if ('error' in answer) {
        throw restoreError(answer.error);
      }
      return unpack(answer.output) as never;
    },

    get threads() {
      return { working: working.size, idle: idle === undefined ? 0 : 1, ending: ending.size };
    },

    async close() {
      closed = true;
      clearTimeout(idleClock);
      endIdle();
      for (const thread of working) {
        end(thread);
      }
      await Promise.all([...ending].map(({ ended }) => ended));
    },
  };
}

/** Waits for a promise, but no longer than this. */
async function orAfter(milliseconds: number, promise: Promise<void>): Promise<void> {
  let clock: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    clock = setTimeout(resolve, milliseconds);
  });
  await Promise.race([promise, over]);
  clearTimeout(clock);
}
