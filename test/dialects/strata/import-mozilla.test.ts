import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadCertificate } from '../../../src/x509/index.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { askOpenssl } from '../../x509/support/names-by-openssl.ts';
import { base64, type Fields, imported } from './support/files.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const pems = readFileSync(new URL('../../conformance/mozilla-certificates.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => (JSON.parse(line) as { pem: string }).pem);

test('every certificate of the Mozilla root store is imported, and named as openssl names it', async () => {
  const facts = pems.map((pem) => loadCertificate(pem).facts);
  const subjects = askOpenssl(facts.map(({ subjectDer }) => subjectDer));
  const issuers = askOpenssl(facts.map(({ issuerDer }) => issuerDer));

  const got: Fields[] = [];
  for (const pem of pems) {
    const { body } = await imported(server, { certificate_file: base64(pem) });
    const { subject, subject_hash, issuer, issuer_hash, expiry_epoch, public_key, ca } = body;
    got.push({ subject, subject_hash, issuer, issuer_hash, expiry_epoch, public_key, ca });
  }

  expect(got.length).toBeGreaterThan(100);
  expect(got).toEqual(
    pems.map((pem, index) => ({
      subject: subjects[index]?.line,
      subject_hash: subjects[index]?.hash,
      issuer: issuers[index]?.line,
      issuer_hash: issuers[index]?.hash,
      expiry_epoch: String(Date.parse(new X509Certificate(pem).validTo) / 1000),
      public_key: pem,
      ca: new X509Certificate(pem).ca,
    })),
  );
  process.stdout.write(
    `mozilla-certificates.jsonl: ${got.length} imported through Strata's API, named as openssl does\n`,
  );
});
