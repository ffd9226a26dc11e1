import { pbkdf2Sync } from 'node:crypto';
import { BeyondLimits, CannotIssue, NotACertificate } from '../../../../src/x509/errors.ts';
import { serveTasks } from '../../../../src/x509/worker/serve-tasks.ts';

/** Tasks that no product has: each breaks something, or shows what a thread sees. */
export const ODD_TASKS = {
  echo: (input: unknown): unknown => input,

  async later(input: unknown): Promise<unknown> {
    return input;
  },

  /** An identity of the thread that answers. */
  thread: (): number => THREAD,

  spin(): never {
    for (;;);
  },

  hoard(): never {
    const hoard: unknown[] = [];
    for (;;) hoard.push({ number: hoard.length, text: `${hoard.length}` });
  },

  /** Native code, which nothing interrupts. */
  grind: (rounds: number): string => pbkdf2Sync('password', 'salt', rounds, 64, 'sha512').toString('hex'),

  refuse(what: 'certificate' | 'limit' | 'issue'): never {
    if (what === 'certificate') throw new NotACertificate('a malformed time', new Error('the cause'));
    if (what === 'limit') throw new BeyondLimits('DER_DEPTH');
    throw new CannotIssue('VALIDITY_TOO_LONG', 'it ends after the year 9999');
  },

  /** A mistake whose message repeats its input. */
  stumble(secret: string): never {
    throw new TypeError(`can not read ${secret}`);
  },

  leave(): never {
    process.exit(0);
  },

  environment: (): string[] => Object.keys(process.env),

  /** Keeps its input, as a mistake would. */
  keep(input: Buffer): number {
    kept = input;
    return input.length;
  },

  kept: (): string => kept.toString('hex'),

  /** How large the memory is that each Buffer stands in. */
  memoryOf: (input: { readonly deep: readonly Buffer[] }): number[] =>
    input.deep.map(({ buffer }) => buffer.byteLength),
};

export type OddTasks = typeof ODD_TASKS;

const THREAD = Math.random();
let kept: Buffer = Buffer.alloc(0);

serveTasks(ODD_TASKS);
