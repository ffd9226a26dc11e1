import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { minuteOfHost } from '../../../src/operations/discovery/hourly.ts';
import { type WatchDirectoryOptions, watchDirectory } from '../../../src/operations/discovery/watch-directory.ts';
import { opensslPair, type PemPair } from '../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { aDirectory, makeDirectory } from './support.ts';

const MATERIAL = [opensslPair('first.example'), opensslPair('second.example')] as const;
const COUNTS = { stored: 0, unchanged: 0, refused: 0 };
const HOUR_MS = 3_600_000;

const watched = makeDirectory();
let server: TestServer;
beforeAll(async () => {
  watched.write({ 'there/tls.crt': MATERIAL[0].certificate, 'there/tls.key': MATERIAL[0].privateKey });
  server = await startServer({ discoveryDirectory: watched.path });
});
afterAll(async () => {
  await server.close();
  rmSync(watched.path, { recursive: true, force: true });
});

async function subjectOf(name: string): Promise<string | undefined> {
  const answer = await server.request('GET', `${PAIRS}?name=${name}`);
  const { results } = (await answer.json()) as { results: { cert_subject: string }[] };
  return results[0]?.cert_subject;
}

/** As the kubelet does: a dated folder, and one link that is put in the place of the one before. */
function mount(secret: string, { certificate, privateKey }: PemPair, date: string): void {
  watched.write({ [`${secret}/..${date}/tls.crt`]: certificate, [`${secret}/..${date}/tls.key`]: privateKey });
  symlinkSync(`..${date}`, watched.at(`${secret}/..data_tmp`));
  renameSync(watched.at(`${secret}/..data_tmp`), watched.at(`${secret}/..data`));
}

test('what is there at the start is at the API, and so is what comes, what is renewed and what Kubernetes exchanges', async () => {
  await until(async () => (await subjectOf('there')) === 'CN=first.example');

  watched.write({ 'new/deep/comes.pem': MATERIAL[0].certificate });
  await until(async () => (await subjectOf('comes')) === 'CN=first.example');
  // In place, as some tools write.
  writeFileSync(watched.at('new/deep/comes.pem'), MATERIAL[1].certificate);
  await until(async () => (await subjectOf('comes')) === 'CN=second.example');

  mount('secret', MATERIAL[0], '1');
  symlinkSync('..data/tls.crt', watched.at('secret/tls.crt'));
  symlinkSync('..data/tls.key', watched.at('secret/tls.key'));
  await until(async () => (await subjectOf('secret')) === 'CN=first.example');
  mount('secret', MATERIAL[1], '2');
  rmSync(watched.at('secret/..1'), { recursive: true });
  await until(async () => (await subjectOf('secret')) === 'CN=second.example');
});

test('a directory that goes and comes again is taken over again, and a link in a circle keeps nobody from it', async () => {
  rmSync(watched.path, { recursive: true });
  await until(() => server.log().some(({ msg }) => msg.startsWith('the discovery directory could not')));

  mkdirSync(watched.path);
  symlinkSync('.', watched.at('circle'));
  watched.write({ 'again.pem': MATERIAL[0].certificate });
  await until(async () => (await subjectOf('again')) === 'CN=first.example');
  watched.write({ 'once-more.pem': MATERIAL[0].certificate });
  await until(async () => (await subjectOf('once-more')) === 'CN=first.example');
});

/** A watch of an own directory, every lease of which is to be had. */
function startWatch(options: Partial<WatchDirectoryOptions>) {
  const log = { warn: vi.fn() };
  const lease = { take: async () => true, release: async () => {} };
  const timing = { tickMs: 5, quietMs: 20, retryMs: 5 };
  const scan = async () => COUNTS;
  const watch = watchDirectory({ directory: aDirectory().path, scan, lease, log, ...timing, ...options });
  onTestFinished(() => watch.close());
  return { log, watch };
}

test("a scan comes each hour at the host's minute, and a clock that goes back brings none", async () => {
  const host = 'a.example';
  const minute = minuteOfHost(host);
  let now = new Date(2026, 0, 1, 0, minute, 30);
  let scans = 0;
  let ticks = 0;
  startWatch({
    // Nothing happens there.
    directory: '/nowhere/at/all',
    host,
    now() {
      ticks++;
      return now;
    },
    onScan: () => scans++,
  });
  const ticked = async (more: number) => {
    const from = ticks;
    await until(() => ticks > from + more);
  };
  await until(() => scans === 1);

  for (const [passed, expected] of [
    [HOUR_MS - 60_000, 1],
    [30_000, 2],
    [-2 * HOUR_MS, 2],
    [3 * HOUR_MS, 3],
  ] as const) {
    now = new Date(now.getTime() + passed);
    await until(() => scans === expected);
    await ticked(10);
    expect(scans).toBe(expected);
  }
});

test('a store that is away is borne and told of once, and the scan comes when it is back', async () => {
  let scans = 0;
  const onScan = vi.fn();
  const { log } = startWatch({
    async scan() {
      if (++scans < 5) {
        throw new Error('away');
      }
      return COUNTS;
    },
    onScan,
  });

  await until(() => onScan.mock.calls.length > 0);
  expect(log.warn).toHaveBeenCalledTimes(1);
});

test('who does not get the lease scans when it is given back, and who scans gives it back', async () => {
  let holder = 'another process';
  const onScan = vi.fn();
  const lease = {
    async take() {
      holder ||= 'this process';
      return holder === 'this process';
    },
    async release() {
      holder = '';
    },
  };
  let takes = 0;
  startWatch({
    onScan,
    lease: {
      ...lease,
      take() {
        takes++;
        return lease.take();
      },
    },
  });
  await until(() => takes > 3);
  expect(onScan).not.toHaveBeenCalled();

  holder = '';
  await until(() => onScan.mock.calls.length > 0 && holder === '');
});

test('a scan that runs is broken off at the end', async () => {
  const seen: AbortSignal[] = [];
  const { watch, log } = startWatch({
    scan(signal) {
      seen.push(signal);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
  });
  await until(() => seen.length === 1);

  await watch.close();
  expect(seen[0]?.aborted).toBe(true);
  expect(log.warn).not.toHaveBeenCalled();
});
