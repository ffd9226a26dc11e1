import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Abandoned, passphraseWork, ServerEnding } from '../../src/keypairs/index.ts';
import { BeyondLimits, LIMITS, type WorkerFailure, WorkerUnavailable } from '../../src/x509/index.ts';

type Worker = Parameters<typeof passphraseWork>[0];

const FILE = { file: Buffer.from('a file'), passphrase: 'correct horse' };
const ANSWER = { certificates: [] };

/** A worker that ends each task when the test says so. */
function pausedWorker() {
  const orders: { readonly task: string; readonly input: unknown; answer(): void; refuse(error: Error): void }[] = [];
  const run = (task: string, input: unknown, signal?: AbortSignal) =>
    new Promise((resolve, reject) => {
      orders.push({ task, input, answer: () => resolve(ANSWER), refuse: reject });
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
  const work = passphraseWork({ run } as unknown as Worker);
  const read = (signal?: AbortSignal) => work.run('readPkcs12', FILE, signal).catch((error: unknown) => error);
  return { orders, work, read };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const PASSPHRASE = expect.objectContaining({
  code: 'BUSY',
  work: 'PASSPHRASE',
  retryAfterSeconds: LIMITS.WORK_MS / 1000,
});

describe('a file under a passphrase', () => {
  test('goes to the worker as it is, with its task, and what that says comes back', async () => {
    const { orders, read } = pausedWorker();
    const reading = read();
    await settled();
    expect(orders).toMatchObject([{ task: 'readPkcs12', input: FILE }]);
    orders[0]?.answer();
    expect(await reading).toBe(ANSWER);
  });

  test('is worked on alone; sixteen wait, in their order; the next is sent away at once', async () => {
    const { orders, read } = pausedWorker();
    const all = Array.from({ length: 18 }, () => read());
    expect(await all.at(-1)).toEqual(PASSPHRASE);
    for (let turn = 0; turn < 17; turn++) {
      expect(orders).toHaveLength(turn + 1);
      orders[turn]?.answer();
      await settled();
    }
    expect(await Promise.all(all.slice(0, 17))).toEqual(Array(17).fill(ANSWER));
  });

  test('that waits for as long as work may take is sent away', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { orders, read } = pausedWorker();
    const [first, second] = [read(), read()];
    await vi.advanceTimersByTimeAsync(LIMITS.WORK_MS);
    expect(await second).toEqual(PASSPHRASE);
    orders[0]?.answer();
    expect(await first).toBe(ANSWER);
  });

  test('of a caller who leaves is no mistake of anybody’s, whether it waits or runs; the next has its turn', async () => {
    const { orders, read } = pausedWorker();
    const callers = [new AbortController(), new AbortController()];
    const all = callers.map(({ signal }) => read(signal));
    const last = read();
    await settled();
    for (const caller of callers.toReversed()) caller.abort();
    expect(await Promise.all(all)).toEqual([expect.any(Abandoned), expect.any(Abandoned)]);
    await settled();
    expect(orders).toHaveLength(2);
    orders[1]?.answer();
    expect(await last).toBe(ANSWER);
  });

  test.each<[WorkerFailure, unknown]>([
    ['OVERWHELMED', PASSPHRASE],
    ['CLOSED', PASSPHRASE],
    ['THREAD_ENDED', expect.any(WorkerUnavailable)],
    ['TASK_FAILED', expect.any(WorkerUnavailable)],
  ])('that a worker does not get to (%s) may be sent again where nothing is broken', async (failure, expected) => {
    const { orders, read } = pausedWorker();
    const reading = read();
    await settled();
    orders[0]?.refuse(new WorkerUnavailable(failure));
    expect(await reading).toEqual(expected);
  });

  test('that is refused is refused in the worker’s words', async () => {
    const { orders, read } = pausedWorker();
    const reading = read();
    await settled();
    const refusal = new BeyondLimits('PBE_ITERATIONS');
    orders[0]?.refuse(refusal);
    expect(await reading).toBe(refusal);
  });

  test('is sent away once the server closes; what runs, runs on', async () => {
    const { orders, work, read } = pausedWorker();
    const [first, second] = [read(), read()];
    await settled();
    work.beginClosing();
    expect(await Promise.all([second, read()])).toEqual([expect.any(ServerEnding), expect.any(ServerEnding)]);
    orders[0]?.answer();
    expect(await first).toBe(ANSWER);
  });
});
