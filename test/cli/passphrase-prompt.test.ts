import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { programArguments } from '../support/programs.ts';
import { until } from '../support/until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true;

test.skipIf(!hasScript)(
  'a passphrase is asked for at a terminal, twice where it protects, and not shown',
  async () => {
    const words = [
      process.execPath,
      ...programArguments('src/cli/main.ts'),
      'export',
      '/tmp/out',
      '--format',
      'pkcs12',
    ];
    const terminal = spawn('script', ['--quiet', '--return', '--command', words.join(' '), '/dev/null'], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'] },
    });
    let output = '';
    terminal.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    const ended = once(terminal, 'close');
    await until(() => output.includes('PKCS#12 files: '));
    terminal.stdin.write('open sesame\r');
    await until(() => output.includes('Once more: '));
    terminal.stdin.write('open sesamee\r');
    expect(await ended).toEqual([64, null]);
    expect(output).toContain('the two passphrases differ');
    expect(output).not.toContain('sesam');
  },
  120_000,
);
