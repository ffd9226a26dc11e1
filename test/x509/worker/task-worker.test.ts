import { spawnSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BeyondLimits, CannotIssue, NotACertificate, WorkerUnavailable, X509Error } from '../../../src/x509/index.ts';
import { type TaskWorkerOptions, taskWorker } from '../../../src/x509/worker/task-worker.ts';
import { until } from '../../support/until.ts';
import type { OddTasks } from './support/odd-tasks.ts';

const FILE = new URL('./support/odd-tasks.ts', import.meta.url);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Longer than anything here takes that is to succeed, on a machine with other work. */
const PATIENT_MS = 20_000;

function oddWorker(options: Partial<TaskWorkerOptions> = {}) {
  const worker = taskWorker<OddTasks>({ file: FILE, workMs: PATIENT_MS, ...options });
  onTestFinished(() => worker.close());
  return worker;
}

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a task', () => {
  test('gives what its function gives, at once or later, with Buffers and dates in it', async () => {
    const worker = oddWorker();
    const value = { texts: ['é', ''], bytes: Buffer.from('0102', 'hex'), none: null, date: new Date(0), deep: [[1n]] };
    expect(await worker.run('echo', value)).toEqual(value);
    const later = await worker.run('later', value);
    expect(later).toEqual(value);
    expect(Buffer.isBuffer((later as typeof value).bytes)).toBe(true);
    expect(value.bytes.toString('hex')).toBe('0102');
  });

  test('that refuses its input throws the same error on this side: class, code, reason, limit and words', async () => {
    const worker = oddWorker();
    const refusals = [
      ['certificate', new NotACertificate('a malformed time')],
      ['limit', new BeyondLimits('DER_DEPTH')],
      ['issue', new CannotIssue('VALIDITY_TOO_LONG', 'it ends after the year 9999')],
    ] as const;
    for (const [what, expected] of refusals) {
      const error = await errorOf(worker.run('refuse', what));
      expect(error).toBeInstanceOf(expected.constructor);
      expect(error).toBeInstanceOf(X509Error);
      expect({ ...(error as X509Error) }).toEqual({ ...expected });
      expect((error as X509Error).message).toBe(expected.message);
    }
    expect(worker.threads).toEqual({ working: 0, idle: 1, ending: 0 });
  });

  test('that stumbles says where, and nothing of its input', async () => {
    const error = await errorOf(oddWorker().run('stumble', 'sesame'));
    expect(error).toBeInstanceOf(WorkerUnavailable);
    expect(error).toMatchObject({
      failure: 'TASK_FAILED',
      message: expect.stringMatching(/TypeError[\s\S]+odd-tasks/),
    });
    expect(`${(error as Error).message}${(error as Error).stack}`).not.toContain('sesame');
  });

  test('of no name in the table is refused', async () => {
    const worker = oddWorker();
    for (const name of ['none', 'toString', '__proto__']) {
      await expect(worker.run(name as 'echo', 1)).rejects.toMatchObject({ failure: 'TASK_FAILED' });
    }
  });

  test.each(['cold', 'warm'])(
    'whose input can not cross the border is refused by a thread that is %s, and the next one runs',
    async (state) => {
      const worker = oddWorker();
      if (state === 'warm') await worker.run('echo', 1);
      await expect(worker.run('echo', () => 1)).rejects.toMatchObject({ name: 'DataCloneError' });
      expect(worker.threads.working).toBe(0);
      expect(await worker.run('echo', 'next')).toBe('next');
    },
  );

  test('sees nothing of the environment, which may hold secrets', async () => {
    expect(await oddWorker().run('environment', undefined)).toEqual([]);
  });
});

describe('bytes that go in', () => {
  test('are overwritten when the task is done, and the caller’s are not', async () => {
    const worker = oddWorker();
    const secret = Buffer.from('sesame');
    expect(await worker.run('keep', secret)).toBe(6);
    expect(await worker.run('kept', undefined)).toBe('000000000000');
    expect(secret.toString()).toBe('sesame');
  });

  test('come without the memory around them, where others’ secrets stand', async () => {
    const pooled = Buffer.from('short');
    expect(pooled.buffer.byteLength).toBeGreaterThan(5);
    expect(await oddWorker().run('memoryOf', { deep: [pooled, Buffer.alloc(3)] })).toEqual([5, 3]);
  });
});

describe('the bounds', () => {
  test('end a task that never does, and the next one runs', async () => {
    const worker = oddWorker({ workMs: 300 });
    const error = await errorOf(worker.run('spin', undefined));
    expect(error).toBeInstanceOf(BeyondLimits);
    expect(error).toMatchObject({ code: 'BEYOND_LIMITS', limit: 'WORK_MS', reason: 'WORK_MS over 10000' });
    expect(await worker.run('echo', 'next')).toBe('next');
    await until(() => worker.threads.ending === 0);
    expect(worker.threads).toEqual({ working: 0, idle: 1, ending: 0 });
  });

  test('end a task that takes all memory, in this thread alone, and the next one runs', async () => {
    const worker = oddWorker({ megabytes: 32 });
    const error = await errorOf(worker.run('hoard', undefined));
    expect(error).toBeInstanceOf(BeyondLimits);
    expect(error).toMatchObject({ limit: 'WORK_MEGABYTES', reason: 'WORK_MEGABYTES over 128' });
    expect(await worker.run('echo', 'next')).toBe('next');
  });

  test('begin with the task, not with the start of its thread', async () => {
    // To start a thread takes longer than this, above all from the sources.
    const worker = oddWorker({ workMs: 150 });
    expect(await worker.run('echo', 'first')).toBe('first');
  });

  test('give an answer in time, though native code runs on, and count the thread until it has ended', async () => {
    const worker = oddWorker({ workMs: 300 });
    await worker.run('echo', 'warm');
    // 3,000,000 rounds of SHA-512 take more than a second on any machine.
    await expect(worker.run('grind', 3_000_000)).rejects.toMatchObject({ limit: 'WORK_MS' });
    expect(worker.threads).toEqual({ working: 0, idle: 0, ending: 1 });
    await until(() => worker.threads.ending === 0);
  });

  test('let nothing begin beside too many threads that do not end, and say that it is not the input’s fault', async () => {
    const worker = oddWorker({ workMs: 300, maxEnding: 1 });
    await expect(worker.run('grind', 3_000_000)).rejects.toMatchObject({ limit: 'WORK_MS' });
    const error = await errorOf(worker.run('echo', 'early'));
    expect(error).toBeInstanceOf(WorkerUnavailable);
    expect(error).toMatchObject({ failure: 'OVERWHELMED' });
    await until(() => worker.threads.ending === 0);
    expect(await worker.run('echo', 'late')).toBe('late');
  });
});

describe('a caller who leaves', () => {
  test('beside others leaves threads behind, and the next one waits for as many of them as it must', async () => {
    const worker = oddWorker({ maxEnding: 1 });
    const leaving = new AbortController();
    const spinning = Promise.all([1, 2, 3].map(() => errorOf(worker.run('spin', undefined, leaving.signal))));
    await until(() => worker.threads.working === 3);
    leaving.abort();
    await spinning;
    expect(worker.threads.ending).toBe(3);
    expect(await worker.run('echo', 'next')).toBe('next');
  });

  test('and a worker that is closed meanwhile: who still waits is told that it is closed', async () => {
    const worker = oddWorker({ maxEnding: 1 });
    const leaving = new AbortController();
    const spinning = Promise.all([1, 2, 3].map(() => errorOf(worker.run('spin', undefined, leaving.signal))));
    await until(() => worker.threads.working === 3);
    leaving.abort();
    await spinning;
    const late = errorOf(worker.run('echo', 'late'));
    await worker.close();
    expect(await late).toMatchObject({ failure: 'CLOSED' });
  });

  test('ends its task, and the next one runs', async () => {
    const worker = oddWorker();
    const leaving = new AbortController();
    const spinning = errorOf(worker.run('spin', undefined, leaving.signal));
    await until(() => worker.threads.working === 1);
    const reason = new Error('gone');
    leaving.abort(reason);
    expect(await spinning).toBe(reason);
    expect(worker.threads).toMatchObject({ working: 0, idle: 0 });
    expect(await worker.run('echo', 'next')).toBe('next');
  });

  test('before it came starts nothing', async () => {
    const worker = oddWorker();
    await expect(worker.run('spin', undefined, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    expect(worker.threads).toEqual({ working: 0, idle: 0, ending: 0 });
  });

  test('is no longer watched after the answer', async () => {
    const worker = oddWorker();
    const staying = new AbortController();
    await worker.run('echo', 1, staying.signal);
    await errorOf(worker.run('refuse', 'limit', staying.signal));
    expect(getEventListeners(staying.signal, 'abort')).toEqual([]);
  });
});

describe('threads', () => {
  test('serve one task after the other, as long as they are used', async () => {
    const worker = oddWorker();
    const first = await worker.run('thread', undefined);
    expect(await worker.run('thread', undefined)).toBe(first);
  });

  test('are as many as tasks run at once, and one of them is kept', async () => {
    const worker = oddWorker();
    const [one, other] = await Promise.all([worker.run('thread', undefined), worker.run('thread', undefined)]);
    expect(one).not.toBe(other);
    await until(() => worker.threads.ending === 0);
    expect(worker.threads).toEqual({ working: 0, idle: 1, ending: 0 });
  });

  test('end when nobody needed them for a while', async () => {
    const worker = oddWorker({ idleMs: 50 });
    const first = await worker.run('thread', undefined);
    await until(() => worker.threads.idle + worker.threads.ending === 0);
    expect(await worker.run('thread', undefined)).not.toBe(first);
  });

  test('that end by themselves refuse what they were doing, and are replaced', async () => {
    const worker = oddWorker();
    await expect(worker.run('leave', undefined)).rejects.toMatchObject({ failure: 'THREAD_ENDED' });
    expect(await worker.run('echo', 'next')).toBe('next');
  });

  test('that can not start are an error, not a wait', async () => {
    const worker = oddWorker({ file: new URL('./support/missing.ts', import.meta.url) });
    await expect(worker.run('echo', 1)).rejects.toMatchObject({ failure: 'THREAD_ENDED' });
  });

  test('are gone when the worker is closed, also those that work; whoever comes then is refused', async () => {
    const worker = oddWorker();
    await worker.run('echo', 'idle now');
    const spinning = errorOf(worker.run('spin', undefined));
    await until(() => worker.threads.working === 1);
    await worker.close();
    expect(await spinning).toBeInstanceOf(WorkerUnavailable);
    expect(worker.threads).toEqual({ working: 0, idle: 0, ending: 0 });
    await expect(worker.run('echo', 1)).rejects.toMatchObject({ failure: 'CLOSED' });
  });
});

describe('a process', () => {
  const PROGRAM = (after: string) => `
    import { openX509Worker } from './src/x509/index.ts';
    const worker = openX509Worker();
    await worker.run('describeChain', '').catch(({ code }) => console.log(code));
    console.log(JSON.stringify(worker.threads));
    ${after}`;
  const runProgram = (after = '') =>
    spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM(after)], {
      cwd: ROOT,
      encoding: 'utf8',
      // Shorter than a thread is kept.
      timeout: 25_000,
    });

  test('ends by itself while a thread waits for work', () => {
    const { status, stdout, stderr } = runProgram();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe('NOT_A_CERTIFICATE\n{"working":0,"idle":1,"ending":0}\n');
  });

  test('stays until a task is done that runs', () => {
    const { status, stdout } = runProgram(
      "worker.close().then(() => openX509Worker().run('describeChain', 'x')).catch(({ code }) => console.log('again', code));",
    );
    expect({ status, last: stdout.trim().split('\n').at(-1) }).toEqual({ status: 0, last: 'again NOT_A_CERTIFICATE' });
  });
});
