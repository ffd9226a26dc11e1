import { execFile, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import { firstDayScript } from '../../scripts/first-day.ts';
import { freePort } from '../../scripts/support/free-port.ts';
import { blocksOf } from '../../scripts/support/page.ts';
import { temporaryDirectory } from '../support/embedded-tools.ts';
import { until } from '../support/until.ts';

const FOLDER = fileURLToPath(new URL('../../docs/operations/', import.meta.url));
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');

test('the script of the first day is what the page shows: after a change, run "npm run docs"', () => {
  expect(read('first-day.sh')).toBe(firstDayScript(read('first-day.md')));
});

test("nginx's file names the ports that the page gives the servers, and those that the script replaces", () => {
  const ports = [...read('nginx.conf').matchAll(/^ {4}(?:server|listen) 127\.0\.0\.1:(\d+)/gm)].map(([, port]) => port);

  expect(ports).toEqual(['9001', '9002', '8080']);
  for (const [name, port] of [
    ['PORT_A', '9001'],
    ['PORT_B', '9002'],
    ['PORT_NGINX', '8080'],
  ]) {
    expect(read('first-day.md')).toContain(`${name}="\${${name}:-${port}}"`);
    expect(read('first-day.md')).toContain(`s/:${port}/:$${name}/`);
  }
});

/** Runs what the page shows under a heading as a terminal does: what fails ends nothing. */
async function type(heading: string, work: string, before = ''): Promise<void> {
  const block = blocksOf(read('first-day.md')).find((each) => each.heading === heading && each.language === 'sh');
  const env = { PATH: process.env['PATH'], WORK: work };
  await promisify(execFile)('bash', ['-c', `${before}\n${block?.code ?? 'exit 1'}\ntrue`], { env });
}

test('whoever begins the page anew keeps the keys that are there', async () => {
  const work = await temporaryDirectory();
  const keys = () =>
    Promise.all(['kek', 'audit-key', 'webhook-secret'].map((name) => readFile(join(work, name), 'utf8')));

  await type('Secrets', work);
  const made = await keys();
  await type('Secrets', work);

  expect(await keys()).toEqual(made);
});

test.each(['rotate', 'retire'])(
  'the old KEK stays where the command that must precede its end fails: %s',
  async (failing) => {
    const work = await temporaryDirectory();
    await writeFile(join(work, 'kek'), 'old\n');
    const others = 'begin_load() { :; }; end_load() { :; }; start() { :; }; stop() { :; }; call() { :; }';
    const certkeep = `certkeep() { test "$2" != ${failing} && { test "$2" != generate || echo new; }; }`;

    await type('Another KEK, while both serve', work, `${others}; ${certkeep}`);

    expect(await readFile(join(work, 'kek'), 'utf8')).toBe('old\nnew\n');
  },
);

test('no private key that the page writes into a file is readable for others', () => {
  const commands = blocksOf(read('first-day.md')).flatMap(({ code }) => code.split('\n'));
  const writing = commands.filter((line) => /view_private_key.*(?:--output|>)/.test(line));

  expect(writing.length).toBeGreaterThan(0);
  expect(writing.filter((line) => !line.includes('umask 077'))).toEqual([]);
});

interface Receiver {
  readonly url: string;
  /** What it printed. */
  output(): string;
}

async function startReceiver(secret: string): Promise<Receiver> {
  const file = join(await temporaryDirectory(), 'secret');
  await writeFile(file, `${secret}\n`);
  const port = await freePort();
  const child = spawn(process.execPath, [join(FOLDER, 'receiver.mjs')], {
    env: { PORT: String(port), WEBHOOK_SECRET_FILE: file },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill());
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const url = `http://127.0.0.1:${port}/`;
  await until(() =>
    fetch(url).then(
      () => true,
      () => false,
    ),
  );
  return { url, output: () => output };
}

test('the receiver prints each genuine webhook once, and neither one that is forged nor one that is old', async () => {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const { url, output } = await startReceiver(secret);
  const send = async (text: string, { by = secret, id = `msg_${randomUUID()}`, at = new Date(), before = '' } = {}) => {
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': before + new Webhook(by).sign(id, at, text),
    };
    return (await fetch(url, { method: 'POST', headers, body: text })).status;
  };
  const foreign = `whsec_${randomBytes(32).toString('base64')}`;
  const foreignSignature = `${new Webhook(foreign).sign('msg_1', new Date(), 'x')} `;

  expect(await send('forged', { by: foreign })).toBe(401);
  expect(await send('old', { at: new Date(Date.now() - 600_000) })).toBe(401);
  expect(await send('from the future', { at: new Date(Date.now() + 600_000) })).toBe(401);
  expect(await send('genuine', { id: 'msg_twice' })).toBe(204);
  expect(await send('genuine', { id: 'msg_twice' })).toBe(204);
  expect(await send('signed by two secrets', { before: foreignSignature })).toBe(204);

  await until(() => output().includes('two secrets'));
  expect(output()).toBe('genuine\nsigned by two secrets\n');
});
