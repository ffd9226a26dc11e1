import { describe, expect, it } from 'vitest';
import { Abandoned } from '../../src/keypairs/index.ts';
import { takeTurns } from '../../src/keypairs/turns.ts';

/** Something to run that ends when the test says so. */
function job() {
  let finish = () => {};
  let begun = false;
  const ended = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return {
    run: () => {
      begun = true;
      return ended;
    },
    finish: () => finish(),
    hasBegun: () => begun,
  };
}

const refusal = (waiting: number) => new Error(`${waiting} wait`);
const staying = () => new AbortController().signal;

describe('turns with a patience', () => {
  it('send away whoever waits for longer, never run their work, and keep no place for them', async () => {
    const turns = takeTurns({ slots: 1, length: 1, patienceMs: 50, refusal });
    const [long, waiting, next] = [job(), job(), job()];
    const running = turns.run(long.run, staying());
    await expect(turns.run(waiting.run, staying())).rejects.toThrow('1 wait');

    const successor = turns.run(next.run, staying());
    long.finish();
    next.finish();
    await Promise.all([running, successor]);
    expect([waiting.hasBegun(), next.hasBegun()]).toEqual([false, true]);
  });

  it('let what runs take as long as it takes', async () => {
    const turns = takeTurns({ slots: 1, length: 1, patienceMs: 20, refusal });
    const long = job();
    const running = turns.run(long.run, staying());
    // Whoever comes after it is sent away first.
    await expect(turns.run(job().run, staying())).rejects.toThrow('1 wait');
    long.finish();
    await expect(running).resolves.toBeUndefined();
  });

  it('free the place of a caller who leaves while it waits', async () => {
    const turns = takeTurns({ slots: 1, length: 1, patienceMs: 60_000, refusal });
    const [long, left, next] = [job(), job(), job()];
    const running = turns.run(long.run, staying());
    const leaving = new AbortController();
    const waiting = turns.run(left.run, leaving.signal);
    leaving.abort();
    await expect(waiting).rejects.toBeInstanceOf(Abandoned);

    const successor = turns.run(next.run, staying());
    long.finish();
    next.finish();
    await Promise.all([running, successor]);
    expect([left.hasBegun(), next.hasBegun()]).toEqual([false, true]);
  });
});
