import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { findCertificateFiles } from '../../../src/operations/discovery/certificate-files.ts';
import { opensslPair } from '../../support/openssl.ts';
import { aDirectory, type Directory } from './support.ts';

const [ONE, OTHER] = [opensslPair('one.example'), opensslPair('other.example')];
const REQUEST = '-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n';

/** The pairs by name, each with the paths of its files, and the refusals by path. */
async function find({ path }: Directory, maxBytes?: number) {
  const { pairs, refused } = await findCertificateFiles(path, maxBytes === undefined ? {} : { maxBytes });
  const below = (file: { path: string } | undefined) => file && relative(path, file.path);
  return {
    pairs: Object.fromEntries(
      pairs.map(({ name, certificate, privateKey }) => [name, [below(certificate), below(privateKey)]]),
    ),
    refused: Object.fromEntries(refused.map((file) => [below(file) as string, file.code])),
  };
}

test("certificates and keys are paired by name, which is the file's or, where that says nothing, the folder's", async () => {
  const directory = aDirectory();
  directory.write({
    'alone.pem': ONE.certificate,
    'with.key.crt': ONE.certificate,
    'with.key.key': ONE.privateKey,
    'keys/apart.key': OTHER.privateKey,
    'certs/apart.pem': OTHER.certificate,
    'live/a.example/fullchain.pem': ONE.certificate,
    'live/a.example/privkey.pem': ONE.privateKey,
    'deep/er/web-tls/tls.crt': OTHER.certificate,
    'deep/er/web-tls/tls.key': OTHER.privateKey,
    bare: ONE.certificate,
    'lonely.key': ONE.privateKey,
  });

  expect(await find(directory)).toEqual({
    pairs: {
      alone: ['alone.pem', undefined],
      'with.key': ['with.key.crt', 'with.key.key'],
      apart: ['certs/apart.pem', 'keys/apart.key'],
      'a.example': ['live/a.example/fullchain.pem', 'live/a.example/privkey.pem'],
      'web-tls': ['deep/er/web-tls/tls.crt', 'deep/er/web-tls/tls.key'],
      bare: ['bare', undefined],
    },
    refused: { 'lonely.key': 'KEY_ALONE' },
  });
});

test('what cert-manager and certbot put beside pairs is passed over', async () => {
  const directory = aDirectory();
  directory.write({
    'web/tls.crt': ONE.certificate,
    'web/ca.crt': OTHER.certificate,
    'web/tls-combined.pem': ONE.privateKey + ONE.certificate,
    'web/key.der': Buffer.from([0x30, 0x80]),
    'archive/a.example/fullchain1.pem': OTHER.certificate,
    'live/README': 'This directory contains your keys and certificates.',
    'my-archived.pem': OTHER.certificate,
  });

  expect(await find(directory)).toEqual({
    pairs: { web: ['web/tls.crt', undefined] },
    refused: { 'live/README': 'NOT_PEM' },
  });
});

test("certbot's folder is read by its links, whose targets are in an archive, and though it stands below one itself", async () => {
  const below = aDirectory();
  const directory = { ...below, path: below.at('archive/etc'), at: (file: string) => below.at(`archive/etc/${file}`) };
  below.write({
    'archive/etc/archive/a.example/fullchain2.pem': ONE.certificate,
    'archive/etc/archive/a.example/privkey2.pem': ONE.privateKey,
  });
  mkdirSync(directory.at('live/a.example'), { recursive: true });
  for (const half of ['fullchain', 'privkey']) {
    symlinkSync(`../../archive/a.example/${half}2.pem`, directory.at(`live/a.example/${half}.pem`));
  }

  expect(await find(directory)).toEqual({
    pairs: { 'a.example': ['live/a.example/fullchain.pem', 'live/a.example/privkey.pem'] },
    refused: {},
  });
});

test('a secret that Kubernetes mounts is seen once, by its own name', async () => {
  const directory = aDirectory();
  directory.write({
    'web/..2026_11_22/tls.crt': ONE.certificate,
    'web/..2026_11_22/tls.key': ONE.privateKey,
    'web/..2026_11_22/ca.crt': OTHER.certificate,
  });
  symlinkSync('..2026_11_22', directory.at('web/..data'));
  for (const file of ['tls.crt', 'tls.key', 'ca.crt']) {
    symlinkSync(`..data/${file}`, directory.at(`web/${file}`));
  }

  expect(await find(directory)).toEqual({ pairs: { web: ['web/tls.crt', 'web/tls.key'] }, refused: {} });
});

test('of several files of one name the last path wins that can be read, and a key beside the certificate before all others', async () => {
  const directory = aDirectory();
  directory.write({
    'a/same.pem': ONE.certificate,
    'b/same.crt': OTHER.certificate,
    'b/same.csr': REQUEST,
    'b/same.key': OTHER.privateKey,
    'c/same.key': ONE.privateKey,
  });

  expect(await find(directory)).toEqual({
    pairs: { same: ['b/same.crt', 'b/same.key'] },
    refused: { 'a/same.pem': 'NAME_SHARED', 'b/same.csr': 'NAME_SHARED', 'c/same.key': 'NAME_SHARED' },
  });
});

test('links that lead in a circle or nowhere, a FIFO and a folder that is closed keep nobody from the rest', async () => {
  const directory = aDirectory();
  directory.write({ 'inner/a.pem': ONE.certificate, 'closed/b.pem': ONE.certificate });
  symlinkSync('.', directory.at('inner/again'));
  symlinkSync('..', directory.at('inner/up'));
  symlinkSync('self.pem', directory.at('self.pem'));
  symlinkSync('nowhere.pem', directory.at('gone.pem'));
  execFileSync('mkfifo', [directory.at('pipe.pem')]);
  chmodSync(directory.at('closed'), 0o000);
  const found = await find(directory);
  chmodSync(directory.at('closed'), 0o700);

  expect(found.pairs).toMatchObject({ a: ['inner/a.pem', undefined] });
  expect(found.refused).toMatchObject({ 'self.pem': 'UNREADABLE', 'pipe.pem': 'NOT_A_FILE' });
  // Whom no mode keeps out, it does not.
  expect(process.getuid?.() === 0 ? 'UNREADABLE' : found.refused['closed']).toBe('UNREADABLE');
  expect(found.refused).not.toHaveProperty('gone.pem');
});

test('what is no text, no PEM or too large is refused, each with its reason, and nothing of it is in that', async () => {
  const directory = aDirectory();
  directory.write({
    'nul.pem': `${ONE.certificate}\0`,
    'latin1.pem': Buffer.from(`# Schlüssel\n${ONE.certificate}`, 'latin1'),
    'words.pem': 'nothing',
    'large.pem': ONE.certificate.padEnd(3001, '\n'),
    'not-too-large.pem': ONE.certificate.padEnd(3000, '\n'),
    'empty.pem': '',
  });
  const { refused } = await findCertificateFiles(directory.path, { maxBytes: 3000 });

  expect(await find(directory, 3000)).toEqual({
    pairs: { 'not-too-large': ['not-too-large.pem', undefined] },
    refused: {
      'nul.pem': 'NOT_TEXT',
      'latin1.pem': 'NOT_TEXT',
      'words.pem': 'NOT_PEM',
      'large.pem': 'TOO_LARGE',
      'empty.pem': 'NOT_PEM',
    },
  });
  expect(refused.find(({ code }) => code === 'TOO_LARGE')?.reason).toBe('it has 3001 bytes, and 3000 are the most');
});

test('texts come untrimmed, with their byte order mark and their line ends', async () => {
  const directory = aDirectory();
  const text = `\ufeff\r\n ${ONE.certificate.replaceAll('\n', '\r\n')} \n`;
  directory.write({ 'odd.pem': text });

  const { pairs } = await findCertificateFiles(directory.path);

  expect(pairs[0]?.certificate.text).toBe(text);
});

test('a file that grows while it is read is left for later, or seen as it stood at one moment', async () => {
  const directory = aDirectory();
  const line = `${ONE.certificate}\n`;
  directory.write({ 'growing.pem': line });
  let growing = true;
  const writer = (async () => {
    while (growing) {
      await appendFile(directory.at('growing.pem'), line);
    }
  })();
  const seen = { whole: 0, changing: 0 };
  for (let round = 0; round < 100; round++) {
    const { pairs, refused } = await findCertificateFiles(directory.path);
    for (const { certificate } of pairs) {
      expect(certificate.text).toBe(line.repeat(certificate.text.length / line.length));
      seen.whole++;
    }
    seen.changing += refused.filter(({ code }) => code === 'CHANGING').length;
  }
  growing = false;
  await writer;

  expect(seen.whole + seen.changing).toBe(100);
  expect(Object.keys((await find(directory)).pairs)).toEqual(['growing']);
});

test('what vanishes meanwhile is passed over, and a directory that is not there is an error of its own', async () => {
  const directory = aDirectory();
  directory.write(Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`${index}.pem`, ONE.certificate])));
  const finding = findCertificateFiles(directory.path);
  renameSync(directory.at('299.pem'), `${directory.path}-moved`);
  rmSync(`${directory.path}-moved`);

  const { pairs, refused } = await finding;
  expect(pairs.length).toBeGreaterThanOrEqual(299);
  expect(refused).toEqual([]);
  await expect(findCertificateFiles(join(directory.path, 'none'))).rejects.toMatchObject({
    code: 'DIRECTORY_UNREADABLE',
  });
});
