import { expect, test } from 'vitest';
import { ServerEnding } from '../../src/keypairs/index.ts';
import { turnsPerKey } from '../../src/keypairs/turns-per-key.ts';

const staying = new AbortController().signal;
const refusal = () => new Error('sent away');

/** Work that ends when it is told to. */
function task() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const state = { hasBegun: false };
  const work = async () => {
    state.hasBegun = true;
    await ended;
  };
  return { state, work, end };
}

test('of one key only so many run at once, and another key does not wait for them', async () => {
  const turns = turnsPerKey({ slots: 1, length: 10, refusal });
  const [first, second, other] = [task(), task(), task()];
  const all = [
    turns.run('a', first.work, staying),
    turns.run('a', second.work, staying),
    turns.run('b', other.work, staying),
  ];
  await new Promise(setImmediate);
  expect([first, second, other].map(({ state }) => state.hasBegun)).toEqual([true, false, true]);

  first.end();
  await all[0];
  await new Promise(setImmediate);
  expect(second.state.hasBegun).toBe(true);
  second.end();
  other.end();
  await Promise.all(all);
});

test('what fails makes room too, and its error is its own', async () => {
  const turns = turnsPerKey({ slots: 1, length: 0, refusal });
  const failure = new Error('failed');
  for (let round = 0; round < 3; round++) {
    await expect(turns.run('a', () => Promise.reject(failure), staying)).rejects.toBe(failure);
  }
  const held = task();
  const running = turns.run('a', held.work, staying);
  await expect(turns.run('a', async () => {}, staying)).rejects.toThrow('sent away');
  held.end();
  await running;
});

test('once it is closed nobody waits, and what runs ends', async () => {
  const turns = turnsPerKey({ slots: 1, length: 10, refusal });
  const [first, later] = [task(), task()];
  const running = turns.run('a', first.work, staying);
  const waiting = expect(turns.run('a', async () => {}, staying)).rejects.toBeInstanceOf(ServerEnding);
  turns.close();
  await waiting;
  await expect(turns.run('a', async () => {}, staying)).rejects.toBeInstanceOf(ServerEnding);

  first.end();
  await running;
  const newcomer = turns.run('a', later.work, staying);
  await expect(turns.run('a', async () => {}, staying)).rejects.toBeInstanceOf(ServerEnding);
  later.end();
  await newcomer;
});
