import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Abandoned, Busy, type GenerationQueue, generationQueue } from '../../src/keypairs/index.ts';

type Outcome = 'waiting' | 'running' | 'done' | 'failed' | 'busy' | 'abandoned';

/** Something to generate that ends when the test says so. */
class Job {
  outcome: Outcome = 'waiting';
  /** What a full queue said. */
  retryAfterSeconds = Number.NaN;
  readonly #caller = new AbortController();
  finish: () => void = () => {};
  fail: () => void = () => {};

  constructor(queue: GenerationQueue, beforehand: (caller: AbortController) => void = () => {}) {
    beforehand(this.#caller);
    const generate = () =>
      new Promise<string>((resolve, reject) => {
        this.outcome = 'running';
        this.finish = () => resolve('a key');
        this.fail = () => reject(new Error('no entropy'));
      });
    queue.run(generate, this.#caller.signal).then(
      () => {
        this.outcome = 'done';
      },
      (error: unknown) => {
        if (error instanceof Busy) {
          this.retryAfterSeconds = error.retryAfterSeconds;
        }
        this.outcome = error instanceof Busy ? 'busy' : error instanceof Abandoned ? 'abandoned' : 'failed';
      },
    );
  }

  leave = () => this.#caller.abort();
  /** Whether anybody still listens for the caller to leave. */
  isWatched = () => getEventListeners(this.#caller.signal, 'abort').length > 0;
}

/** Lets everything that can go on go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function started(queue: GenerationQueue, count: number): Promise<Job[]> {
  const jobs = Array.from({ length: count }, () => new Job(queue));
  await settled();
  return jobs;
}

const outcomes = (jobs: readonly Job[]) => jobs.map(({ outcome }) => outcome);

describe('key generation', () => {
  it('gives back what was generated, and the error of what failed', async () => {
    const queue = generationQueue({ slots: 1, length: 0 });
    const { signal } = new AbortController();
    await expect(queue.run(async () => 'a key', signal)).resolves.toBe('a key');
    await expect(queue.run(() => Promise.reject(new Error('no entropy')), signal)).rejects.toThrow('no entropy');
  });

  it('never runs more at once than there are slots', async () => {
    const jobs = await started(generationQueue({ slots: 2, length: 3 }), 5);
    expect(outcomes(jobs)).toEqual(['running', 'running', 'waiting', 'waiting', 'waiting']);
  });

  it('serves those who came first first', async () => {
    const jobs = await started(generationQueue({ slots: 1, length: 3 }), 4);
    for (const [index, job] of jobs.entries()) {
      expect(outcomes(jobs).indexOf('running')).toBe(index);
      job.finish();
      await settled();
    }
    expect(outcomes(jobs)).toEqual(['done', 'done', 'done', 'done']);
  });

  it('lets nobody slip in between the end of one and the start of the next', async () => {
    const queue = generationQueue({ slots: 1, length: 1 });
    const [first, second] = await started(queue, 2);
    first?.finish();
    const late: Job[] = [];
    // Comes in each of the moments in which the slot changes hands.
    for (let moment = 0; moment < 10; moment++) {
      late.push(new Job(queue));
      await Promise.resolve();
    }
    await settled();
    expect([first?.outcome, second?.outcome]).toEqual(['done', 'running']);
    expect(outcomes(late)).not.toContain('running');
  });

  it('sends away at once whoever finds the queue full, and says when to come again', async () => {
    const jobs = await started(generationQueue({ slots: 1, length: 1 }), 3);
    expect(outcomes(jobs)).toEqual(['running', 'waiting', 'busy']);
    expect(Number.isSafeInteger(jobs[2]?.retryAfterSeconds)).toBe(true);
    expect(jobs[2]?.retryAfterSeconds).toBeGreaterThan(0);
  });

  it('makes those wait longer who find a longer queue, and those less who find more slots', async () => {
    const wait = async (slots: number, length: number) => {
      const jobs = await started(generationQueue({ slots, length }), slots + length + 1);
      return jobs.at(-1)?.retryAfterSeconds ?? Number.NaN;
    };
    expect(await wait(1, 16)).toBeGreaterThan(await wait(1, 1));
    expect(await wait(4, 16)).toBeLessThan(await wait(1, 16));
    expect(await wait(64, 0)).toBeGreaterThan(0);
  });

  it('frees the place of a caller who leaves at once, and never generates for them', async () => {
    const queue = generationQueue({ slots: 1, length: 1 });
    const [running, waiting] = await started(queue, 2);
    waiting?.leave();
    const next = new Job(queue);
    await settled();
    expect([running?.outcome, waiting?.outcome, next.outcome]).toEqual(['running', 'abandoned', 'waiting']);
    running?.finish();
    await settled();
    expect([waiting?.outcome, next.outcome]).toEqual(['abandoned', 'running']);
  });

  it('refuses a caller who has left already, even where a slot is free', async () => {
    const job = new Job(generationQueue({ slots: 1, length: 1 }), (caller) => caller.abort());
    await settled();
    expect(job.outcome).toBe('abandoned');
  });

  it('frees the slot of what fails, also of what throws before it gives a promise', async () => {
    const queue = generationQueue({ slots: 1, length: 1 });
    const [failing, next] = await started(queue, 2);
    failing?.fail();
    await settled();
    expect([failing?.outcome, next?.outcome]).toEqual(['failed', 'running']);
    next?.finish();
    await settled();
    const throwing = () => {
      throw new Error('at once');
    };
    await expect(queue.run(throwing, new AbortController().signal)).rejects.toThrow('at once');
    expect(outcomes(await started(queue, 1))).toEqual(['running']);
  });

  it('holds on to nobody whose turn has come', async () => {
    const jobs = await started(generationQueue({ slots: 1, length: 1 }), 3);
    jobs[0]?.finish();
    await settled();
    expect(jobs.map((job) => job.isWatched())).toEqual([false, false, false]);
  });
});

/** What the queue must do, in the simplest words: a list of running and a list of waiting jobs. */
interface Model {
  readonly slots: number;
  readonly length: number;
  readonly expected: Outcome[];
}

interface Real {
  readonly queue: GenerationQueue;
  readonly jobs: Job[];
}

const indexesOf = ({ expected }: Model, outcome: Outcome) =>
  expected.flatMap((value, index) => (value === outcome ? [index] : []));

function freeSlot(model: Model): void {
  const [next] = indexesOf(model, 'waiting');
  if (next !== undefined) {
    model.expected[next] = 'running';
  }
}

class Arrive implements fc.AsyncCommand<Model, Real> {
  check = () => true;

  async run(model: Model, { queue, jobs }: Real): Promise<void> {
    const isSlotFree = indexesOf(model, 'running').length < model.slots;
    const isPlaceFree = indexesOf(model, 'waiting').length < model.length;
    model.expected.push(isSlotFree ? 'running' : isPlaceFree ? 'waiting' : 'busy');
    jobs.push(new Job(queue));
    await agree(model, jobs);
  }

  toString = () => 'arrive';
}

/** Something happens to one of the jobs that are in a state. */
class Happen implements fc.AsyncCommand<Model, Real> {
  readonly what: 'finish' | 'fail' | 'leave';
  readonly to: 'running' | 'waiting';
  readonly choice: number;

  constructor(what: Happen['what'], to: Happen['to'], choice: number) {
    this.what = what;
    this.to = to;
    this.choice = choice;
  }

  check = (model: Model) => indexesOf(model, this.to).length > 0;

  async run(model: Model, { jobs }: Real): Promise<void> {
    const candidates = indexesOf(model, this.to);
    const index = candidates[this.choice % candidates.length] ?? 0;
    if (this.to === 'waiting') {
      model.expected[index] = 'abandoned';
    } else if (this.what !== 'leave') {
      model.expected[index] = this.what === 'finish' ? 'done' : 'failed';
      freeSlot(model);
    }
    jobs[index]?.[this.what]();
    await agree(model, jobs);
  }

  toString = () => `${this.what} ${this.to} ${this.choice}`;
}

async function agree({ expected }: Model, jobs: readonly Job[]): Promise<void> {
  await settled();
  expect(outcomes(jobs)).toEqual(expected);
}

describe('whatever comes, ends, fails and leaves', () => {
  const happens = (what: Happen['what'], to: Happen['to']) => fc.nat(20).map((choice) => new Happen(what, to, choice));
  const commands = fc.commands(
    [
      fc.constant(new Arrive()),
      happens('finish', 'running'),
      happens('fail', 'running'),
      happens('leave', 'running'),
      happens('leave', 'waiting'),
    ],
    { maxCommands: 60, size: 'max' },
  );

  it('the queue does what two lists would do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.nat(4), commands, (slots, length, history) =>
        fc.asyncModelRun(
          () => ({
            model: { slots, length, expected: [] },
            real: { queue: generationQueue({ slots, length }), jobs: [] },
          }),
          history,
        ),
      ),
      { numRuns: 300 },
    );
  });
});
