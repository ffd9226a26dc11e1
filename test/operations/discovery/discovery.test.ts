import { renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { discovery } from '../../../src/operations/discovery/discovery.ts';
import { openssl, opensslPair } from '../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';
import { aDirectory, type Directory } from './support.ts';

const [OLD, NEW, THIRD] = [opensslPair('old.example'), opensslPair('new.example'), opensslPair('third.example')];
const PREFIX = 'goauthentik.io/crypto/discovered/';
const NOTHING = { stored: 0, unchanged: 0, refused: 0 };

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

interface Shown {
  readonly pk: string;
  readonly name: string;
  readonly managed: string | null;
  readonly cert_subject: string;
}

/** What discovers in a directory, and what it logged. */
function discover(directory: Directory) {
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn() };
  const { scan } = discovery({ directory: directory.path, keypairs: server.keypairs, log });
  return { log, scan: () => scan(new AbortController().signal) };
}

async function shown(query: string): Promise<Shown[]> {
  const answer = (await (await server.request('GET', `${PAIRS}?${query}`)).json()) as { results: Shown[] };
  return answer.results;
}
const byName = async (name: string) => (await shown(`name=${name}`))[0];

async function textOf(pk: string | undefined, which: 'certificate' | 'private_key'): Promise<string> {
  const answer = await server.request('GET', `${PAIRS}${pk}/view_${which}/`);
  return ((await answer.json()) as { data: string }).data;
}

async function eventsOf(pk = ''): Promise<string[]> {
  const rows = await server.database.query<{ told: string }>(
    "SELECT action || ' by ' || username AS told FROM events WHERE model_pk = $1 AND action LIKE 'model%' ORDER BY created_at",
    [pk.replaceAll('-', '')],
  );
  return rows.map(({ told }) => told);
}

test('a pair is stored as it stands in its files, once, and only changes are stored after that', async () => {
  const directory = aDirectory();
  directory.write({ 'once.pem': `\n${OLD.certificate}\n`, 'once.key': OLD.privateKey });
  const { scan, log } = discover(directory);

  expect(await scan()).toEqual({ ...NOTHING, stored: 1 });
  expect(await scan()).toEqual({ ...NOTHING, unchanged: 1 });
  // Another process has not seen it yet.
  expect(await discover(directory).scan()).toEqual({ ...NOTHING, unchanged: 1 });
  const pair = await byName('once');
  expect(pair).toMatchObject({ managed: `${PREFIX}once`, cert_subject: 'CN=old.example' });
  expect(await textOf(pair?.pk, 'certificate')).toBe(`\n${OLD.certificate}\n`);
  expect(await textOf(pair?.pk, 'private_key')).toBe(OLD.privateKey);
  directory.write({ 'once.pem': NEW.certificate, 'once.key': NEW.privateKey });
  expect(await scan()).toEqual({ ...NOTHING, stored: 1 });
  expect(await byName('once')).toMatchObject({ pk: pair?.pk, cert_subject: 'CN=new.example' });
  expect(await eventsOf(pair?.pk)).toEqual(['model_created by certkeep', 'model_updated by certkeep']);
  expect(log.warn).not.toHaveBeenCalled();
});

test('a key stays when its file goes, and a pair when both do', async () => {
  const directory = aDirectory();
  directory.write({ 'stays.pem': OLD.certificate, 'stays.key': OLD.privateKey });
  const { scan } = discover(directory);
  await scan();

  unlinkSync(directory.at('stays.key'));
  expect(await scan()).toEqual({ ...NOTHING, unchanged: 1 });
  unlinkSync(directory.at('stays.pem'));
  expect(await scan()).toEqual(NOTHING);
  expect(await textOf((await byName('stays'))?.pk, 'private_key')).toBe(OLD.privateKey);
});

test('what a client changed in a discovered pair is what the files say again, but for its name', async () => {
  const directory = aDirectory();
  directory.write({ 'changed.pem': OLD.certificate, 'changed.key': OLD.privateKey });
  const { scan } = discover(directory);
  await scan();
  const pair = await byName('changed');
  const change = { name: 'renamed by hand', certificate_data: NEW.certificate, key_data: NEW.privateKey };
  expect((await server.request('PATCH', `${PAIRS}${pair?.pk}/`, change)).status).toBe(200);

  expect(await scan()).toEqual({ ...NOTHING, stored: 1 });
  expect(await shown(`managed=${PREFIX}changed`)).toMatchObject([
    { pk: pair?.pk, name: 'renamed by hand', cert_subject: 'CN=old.example' },
  ]);
});

test('a pair that somebody made keeps its name and its content, and is told of once for each content', async () => {
  const body = { name: 'by hand', certificate_data: OLD.certificate };
  expect((await server.request('POST', PAIRS, body)).status).toBe(201);
  const directory = aDirectory();
  directory.write({ 'by hand.pem': NEW.certificate });
  const { scan, log } = discover(directory);

  expect(await scan()).toEqual({ ...NOTHING, refused: 1 });
  expect(await scan()).toEqual({ ...NOTHING, refused: 1 });
  expect(log.warn).toHaveBeenCalledTimes(1);
  expect(log.warn).toHaveBeenCalledWith(
    expect.objectContaining({ name: 'by hand', problems: [{ code: 'NAME_TAKEN' }] }),
    expect.stringContaining('keeps it'),
  );
  directory.write({ 'by hand.pem': THIRD.certificate });
  await scan();
  expect(log.warn).toHaveBeenCalledTimes(2);
  expect(await byName('by hand')).toMatchObject({ managed: null, cert_subject: 'CN=old.example' });
});

test('a renewal that is half done is not stored, told of when it stays so, and stored once it is done', async () => {
  const directory = aDirectory();
  directory.write({ 'live/half/fullchain.pem': OLD.certificate, 'live/half/privkey.pem': OLD.privateKey });
  const { scan, log } = discover(directory);
  await scan();

  directory.write({ 'live/half/fullchain.pem': NEW.certificate });
  expect(await scan()).toEqual({ ...NOTHING, refused: 1 });
  expect(log.warn).not.toHaveBeenCalled();
  expect(await byName('half')).toMatchObject({ cert_subject: 'CN=old.example' });
  await scan();
  await scan();
  expect(log.warn).toHaveBeenCalledTimes(1);
  // As it is where the key is not shown any more: the one that is stored stays, and is not the new certificate's.
  unlinkSync(directory.at('live/half/privkey.pem'));
  expect(await scan()).toEqual({ ...NOTHING, refused: 1 });
  directory.write({ 'live/half/privkey.pem': NEW.privateKey });
  expect(await scan()).toEqual({ ...NOTHING, stored: 1 });
  const pair = await byName('half');
  expect(pair).toMatchObject({ cert_subject: 'CN=new.example' });
  expect(await textOf(pair?.pk, 'private_key')).toBe(NEW.privateKey);
});

test('what can not be read is told of once, and keeps nothing else from being stored', async () => {
  const directory = aDirectory();
  const encrypted = openssl(['pkcs8', '-topk8', '-passout', 'pass:secret'], OLD.privateKey);
  directory.write({
    'broken.pem': '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n',
    'noise.txt': 'noise',
    'locked.pem': OLD.certificate,
    'locked.key': encrypted,
    'sound.pem': OLD.certificate,
  });
  symlinkSync('loop', directory.at('loop'));
  const { scan, log } = discover(directory);

  expect(await scan()).toEqual({ stored: 1, unchanged: 0, refused: 4 });
  expect(await scan()).toEqual({ stored: 0, unchanged: 1, refused: 4 });
  const told = log.warn.mock.calls.map(([fields]) => fields.code ?? fields.problems[0].code).sort();
  expect(told).toEqual(['NOT_A_CERTIFICATE', 'NOT_A_PRIVATE_KEY', 'NOT_PEM', 'UNREADABLE']);
  // Without a key that it can open, the certificate is still one.
  expect(await textOf((await byName('locked'))?.pk, 'private_key')).toBe('');
  expect(await byName('broken')).toBeUndefined();
});

test('a key that can not be opened, beside a certificate that the stored key is not of, is told of once each', async () => {
  const directory = aDirectory();
  directory.write({ 'sealed.pem': OLD.certificate, 'sealed.key': OLD.privateKey });
  const { scan, log } = discover(directory);
  await scan();

  const encrypted = openssl(['pkcs8', '-topk8', '-passout', 'pass:secret'], NEW.privateKey);
  directory.write({ 'sealed.pem': NEW.certificate, 'sealed.key': encrypted });
  for (let scans = 0; scans < 4; scans++) {
    expect(await scan()).toEqual({ ...NOTHING, refused: 1 });
  }
  expect(log.warn).toHaveBeenCalledTimes(2);
  expect(await byName('sealed')).toMatchObject({ cert_subject: 'CN=old.example' });
});

test('a pair whose files have another name now is renamed, with its content of now', async () => {
  const directory = aDirectory();
  directory.write({ 'before.pem': THIRD.certificate, 'before.key': THIRD.privateKey });
  const { scan } = discover(directory);
  await scan();
  const pair = await byName('before');

  rmSync(directory.at('before.pem'));
  rmSync(directory.at('before.key'));
  directory.write({ 'after.pem': `${THIRD.certificate}\n`, 'after.key': THIRD.privateKey });
  expect(await scan()).toEqual({ ...NOTHING, stored: 1 });
  expect(await byName('before')).toBeUndefined();
  const renamed = await byName('after');
  expect(renamed).toMatchObject({ pk: pair?.pk, managed: `${PREFIX}after` });
  expect(await textOf(pair?.pk, 'certificate')).toBe(`${THIRD.certificate}\n`);
  expect(await eventsOf(pair?.pk)).toEqual(['model_created by certkeep', 'model_updated by certkeep']);
});

test('two files of one key are two pairs, scan after scan', async () => {
  const directory = aDirectory();
  const pair = opensslPair('twin.example');
  directory.write({ 'twin-a.pem': pair.certificate, 'twin-a.key': pair.privateKey });
  const { scan } = discover(directory);
  await scan();

  directory.write({ 'twin-b.pem': pair.certificate, 'twin-b.key': pair.privateKey });
  expect(await scan()).toEqual({ ...NOTHING, stored: 1, unchanged: 1 });
  expect(await scan()).toEqual({ ...NOTHING, unchanged: 2 });
  expect(await shown('search=twin-')).toHaveLength(2);
});

test('a pair whose files are there and can not be read now is renamed to nothing', async () => {
  const directory = aDirectory();
  const pair = opensslPair('rewritten.example');
  directory.write({ 'rewritten.pem': pair.certificate, 'rewritten.key': pair.privateKey });
  const { scan } = discover(directory);
  await scan();
  const before = await byName('rewritten');

  // Somebody writes the certificate anew, in place.
  directory.write({ 'rewritten.pem': '', 'another.pem': pair.certificate, 'another.key': pair.privateKey });
  expect(await scan()).toEqual({ ...NOTHING, stored: 1, refused: 1 });
  directory.write({ 'rewritten.pem': pair.certificate });
  await scan();
  expect(await byName('rewritten')).toEqual(before);
  expect(await byName('another')).toMatchObject({ managed: `${PREFIX}another` });
});

test('a pair below a folder that can not be looked into now is renamed to nothing', async () => {
  const directory = aDirectory();
  const pair = opensslPair('hidden.example');
  directory.write({ 'folder/hidden.pem': pair.certificate, 'folder/hidden.key': pair.privateKey });
  const { scan } = discover(directory);
  await scan();
  const before = await byName('hidden');

  renameSync(directory.at('folder'), directory.at('.folder'));
  symlinkSync('folder', directory.at('folder'));
  directory.write({ 'shown.pem': pair.certificate, 'shown.key': pair.privateKey });
  expect(await scan()).toEqual({ ...NOTHING, stored: 1, refused: 1 });
  unlinkSync(directory.at('folder'));
  renameSync(directory.at('.folder'), directory.at('folder'));
  await scan();
  expect(await byName('hidden')).toEqual(before);
});

test('a scan that is broken off leaves the rest for later', async () => {
  const directory = aDirectory();
  directory.write({ 'later.pem': OLD.certificate });
  const { keypairs } = server;
  const { scan } = discovery({ directory: directory.path, keypairs, log: { debug() {}, info() {}, warn() {} } });

  await expect(scan(AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  expect(await byName('later')).toBeUndefined();
});
