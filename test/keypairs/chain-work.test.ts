import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Abandoned, Busy, type ChainWorkOptions, chainWork } from '../../src/keypairs/index.ts';
import { BeyondLimits, type Chain, LIMITS, loadCertificate, WorkerUnavailable } from '../../src/x509/index.ts';
import { opensslChain, textOf } from '../x509/support/chains.ts';

const [leaf, intermediate, root] = opensslChain('work');
const loaded = (text: string) => ({ ...loadCertificate(text), text });
const CHAIN = loaded(textOf([leaf, intermediate, root]));
const ANSWER: Chain = { certificates: [], truncated: true };
const staying = () => new AbortController().signal;

/** A worker that ends each task when the test says so. */
function pausedWorker() {
  const orders: { readonly text: string; answer(): void; refuse(error: Error): void }[] = [];
  const run = (_task: string, text: string, signal?: AbortSignal) =>
    new Promise<Chain>((resolve, reject) => {
      orders.push({ text, answer: () => resolve(ANSWER), refuse: reject });
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
  const refusals: unknown[] = [];
  const worker = { run } as unknown as ChainWorkOptions['worker'];
  return { orders, refusals, chains: chainWork({ worker, onRefusal: (error) => refusals.push(error) }) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the chain of a text', () => {
  test('of one certificate needs no thread and no turn, whatever else runs', async () => {
    const { orders, chains } = pausedWorker();
    void chains.describe(CHAIN, staying);
    await settled();
    const text = `${leaf.privateKey}${leaf.certificate}`;
    const chain = await chains.describe(loaded(text), staying);
    expect(chain).toMatchObject({ certificates: [{ subject: 'CN=work leaf' }], truncated: false });
    expect(orders).toHaveLength(1);
  });

  test('of more goes into the thread without the keys beside it', async () => {
    const { orders, chains } = pausedWorker();
    const described = chains.describe(loaded(leaf.privateKey + CHAIN.text + root.privateKey), staying);
    await settled();
    expect(orders.map(({ text }) => text.trim())).toEqual([CHAIN.text.trim()]);
    orders[0]?.answer();
    expect(await described).toBe(ANSWER);
  });

  test.each([
    ['for the time it takes', new BeyondLimits('WORK_MS')],
    ['for the memory it takes', new BeyondLimits('WORK_MEGABYTES')],
    ['because no thread could do it', new WorkerUnavailable('THREAD_ENDED')],
  ])('that is refused %s is unknown, not an error, and somebody is told', async (_, refusal) => {
    const { orders, refusals, chains } = pausedWorker();
    const described = chains.describe(CHAIN, staying);
    await settled();
    orders[0]?.refuse(refusal);
    expect(await described).toBeNull();
    expect(refusals).toEqual([refusal]);
  });

  test('runs alone; sixteen wait; the next is unknown at once', async () => {
    const { orders, refusals, chains } = pausedWorker();
    const all = Array.from({ length: 18 }, () => chains.describe(CHAIN, staying));
    expect(await all.at(-1)).toBeNull();
    expect(refusals).toEqual([expect.objectContaining({ code: 'BUSY', work: 'CHAIN' })]);
    for (let turn = 0; turn < 17; turn++) {
      expect(orders).toHaveLength(turn + 1);
      orders[turn]?.answer();
      await settled();
    }
    expect(await Promise.all(all)).toEqual([...Array(17).fill(ANSWER), null]);
  });

  test('that waits for as long as work may take is unknown', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { orders, refusals, chains } = pausedWorker();
    const [first, second] = [chains.describe(CHAIN, staying), chains.describe(CHAIN, staying)];
    await vi.advanceTimersByTimeAsync(LIMITS.WORK_MS - 1);
    expect(refusals).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await second).toBeNull();
    expect(refusals).toEqual([expect.any(Busy)]);
    orders[0]?.answer();
    expect(await first).toBe(ANSWER);
  });

  test('of a caller who leaves is no answer, whether it waits or runs', async () => {
    const { orders, refusals, chains } = pausedWorker();
    const callers = [new AbortController(), new AbortController()];
    const all = callers.map(({ signal }) => chains.describe(CHAIN, () => signal).catch((error: unknown) => error));
    await settled();
    for (const caller of callers.toReversed()) caller.abort();
    expect(await Promise.all(all)).toEqual([expect.any(Abandoned), expect.any(Abandoned)]);
    expect([orders.length, refusals]).toEqual([1, []]);
  });
});
