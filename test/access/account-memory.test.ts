import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it, vi } from 'vitest';
import type { AccountId } from '../../src/access/account.ts';
import { accountMemory } from '../../src/access/account-memory.ts';

let time: number;
let memory: ReturnType<typeof accountMemory>;
beforeEach(() => {
  time = 1000;
  memory = accountMemory(() => time);
});

const anId = () => randomUUID() as string as AccountId;
const saying = (answer: boolean) => vi.fn(async () => answer);

it.each([true, false])('the answer %s is remembered for five seconds, and no longer', async (answer) => {
  const id = anId();
  const find = saying(answer);
  await memory.exists(id, find);
  time += 4999;
  expect(await memory.exists(id, saying(!answer))).toBe(answer);
  time += 1;
  expect(await memory.exists(id, saying(!answer))).toBe(!answer);
  expect(find).toHaveBeenCalledTimes(1);
});

it('of those that come together one asks', async () => {
  const id = anId();
  const find = saying(true);
  expect(await Promise.all([memory.exists(id, find), memory.exists(id, find)])).toEqual([true, true]);
  expect(find).toHaveBeenCalledTimes(1);
});

it('what could not be found out is asked again, and the failure is told to all who waited', async () => {
  const id = anId();
  const failing = () => Promise.reject(new RangeError('away'));
  const both = await Promise.allSettled([memory.exists(id, failing), memory.exists(id, failing)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await memory.exists(id, saying(true))).toBe(true);
});

it('what was being asked when all was forgotten is not remembered', async () => {
  const id = anId();
  let answer: (found: boolean) => void = () => {};
  const pending = memory.exists(id, () => new Promise((resolve) => (answer = resolve)));
  memory.clear();
  answer(false);
  expect(await pending).toBe(false);
  expect(await memory.exists(id, saying(true))).toBe(true);
});

it('a thousand answers are remembered; the oldest makes room', async () => {
  const ids = Array.from({ length: 1001 }, anId);
  for (const id of ids) {
    await memory.exists(id, saying(true));
  }
  const [first, second] = ids as [AccountId, AccountId];
  expect(await memory.exists(second, saying(false))).toBe(true);
  expect(await memory.exists(first, saying(false))).toBe(false);
});

it('an answer that was asked for anew is not the oldest', async () => {
  const [id, ...others] = Array.from({ length: 1001 }, anId) as [AccountId, ...AccountId[]];
  const ask = (wanted: AccountId) => memory.exists(wanted, saying(true));
  await ask(id);
  for (const other of others.slice(0, 999)) {
    await ask(other);
  }
  time += 5000;
  await ask(id);
  await ask(others[999] as AccountId);
  expect(await memory.exists(id, saying(false))).toBe(true);
});
