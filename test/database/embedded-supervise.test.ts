import { describe, expect, it } from 'vitest';
import { inspectProcess } from '../../src/database/embedded/processes.ts';
import { supervise, supervisionOf } from '../../src/database/embedded/supervise.ts';
import { isRunning, kill, untilEnded } from '../support/embedded-tools.ts';

function run(program: string, ...parameters: string[]) {
  const lines: string[] = [];
  return { lines, ...supervise(program, parameters, { account: undefined, onLine: (line) => lines.push(line) }) };
}

describe('a supervised program', () => {
  it('is told to end also before it can listen', async () => {
    for (let round = 0; round < 20; round++) {
      const program = run('/bin/sleep', '60');
      program.end();
      await expect(program.ended).resolves.toMatchObject({ exitCode: expect.any(Number) });
    }
  });

  it('hands over what it writes and how it ended, and its shell ends with it', async () => {
    const program = run('/bin/sh', '-c', 'echo out; echo "$1" >&2; exit 3', 'sh', `it's "$HOME"`);
    await expect(program.ended).resolves.toEqual({ exitCode: 3, reason: 'it ended with status 3' });
    expect(program.lines).toEqual(['out', `it's "$HOME"`]);
  });

  it('is not there where there is none', async () => {
    const program = run('/nonexistent/program');
    await expect(program.ended).resolves.toMatchObject({ exitCode: 127 });
  });

  it('gets none of the secrets in our environment', async () => {
    process.env['CERTKEEP_TEST_SECRET'] = 'do not tell';
    const program = run('/bin/sh', '-c', 'env');
    await program.ended;
    delete process.env['CERTKEEP_TEST_SECRET'];
    expect(program.lines.join('\n')).toContain('PATH=');
    expect(program.lines.join('\n')).not.toContain('do not tell');
  });

  it('survives what a session or a control group gets at once, and is known to be attended', async () => {
    const program = run('/bin/sh', '-c', `trap '' HUP INT TERM; while :; do sleep 1; done`);
    const pid = (await program.pid) ?? 0;
    const facts = await inspectProcess(pid);
    if (facts === undefined) {
      throw new Error('it has ended');
    }
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
      process.kill(facts.parent, signal);
    }
    expect(await supervisionOf(facts)).toBe('attended');
    kill(facts.parent);
    await untilEnded([facts.parent]);
    expect(await isRunning(pid)).toBe(true);
    expect(await supervisionOf((await inspectProcess(pid)) ?? facts)).toBe('none');
    kill(pid);
  });
});
