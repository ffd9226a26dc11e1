import { afterAll, expect, test } from 'vitest';
import {
  BeyondLimits,
  loadCertificate,
  loadPrivateKey,
  openX509Worker,
  toPkcs8,
  WrongPassphrase,
} from '../../../src/x509/index.ts';
import { opensslPair } from '../../support/openssl.ts';

const worker = openX509Worker();
afterAll(() => worker.close());

const { certificate, privateKey } = opensslPair('worker');
const content = {
  privateKey: toPkcs8(privateKey),
  certificates: [loadCertificate(certificate).der],
  friendlyName: 'in a thread',
};

test('a PKCS#12 file is written and read in the thread, and the buffers that were sent stay as they were', async () => {
  const file = await worker.run('writePkcs12', { content, passphrase: 'secret', options: { iterations: 2048 } });
  expect(await worker.run('readPkcs12', { file, passphrase: 'secret' })).toEqual({ ...content, keyCount: 1 });
  expect(await worker.run('readPkcs12', { file, passphrase: 'secret' })).toEqual({ ...content, keyCount: 1 });
});

test('a wrong passphrase, and too many rounds, are the same refusals as outside of the thread', async () => {
  const file = await worker.run('writePkcs12', { content, passphrase: 'secret', options: { iterations: 1 } });
  await expect(worker.run('readPkcs12', { file, passphrase: 'Secret' })).rejects.toThrow(WrongPassphrase);
  const writing = worker.run('writePkcs12', { content, passphrase: 'secret', options: { iterations: 10_000_000 } });
  await expect(writing).rejects.toThrow(BeyondLimits);
});

test('a private key is encrypted and decrypted in the thread', async () => {
  const options = { format: 'pkcs8', encoding: 'pem', passphrase: 'secret' } as const;
  const encrypted = await worker.run('exportPrivateKey', { key: privateKey, options });
  const plain = await worker.run('decryptPrivateKey', { key: encrypted, passphrase: 'secret' });
  expect(loadPrivateKey(plain)).toEqual(loadPrivateKey(privateKey));
});
