import { afterAll, beforeAll, expect, test } from 'vitest';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { readLines } from './replay.ts';

interface DescribedCertificate {
  readonly id: string;
  readonly pem: string;
  readonly subject: string;
  readonly sha256: string;
  readonly sha1: string;
  readonly expiry: string;
  readonly key_type: string;
}

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

test('describes every certificate of the Mozilla root store as pyca does', async () => {
  const certificates = readLines('mozilla-certificates.jsonl').map((line) => JSON.parse(line) as DescribedCertificate);
  const differing: unknown[] = [];
  for (const { id, pem, subject, sha256, sha1, expiry, key_type } of certificates) {
    const created = await server.request('POST', PAIRS, { name: id, certificate_data: pem });
    const stored = await server.request('GET', `${PAIRS}${((await created.json()) as { pk: string }).pk}/`);
    const shown = (await stored.json()) as Record<string, unknown>;
    const got = [
      shown['cert_subject'],
      shown['fingerprint_sha256'],
      shown['fingerprint_sha1'],
      shown['cert_expiry'],
      shown['key_type'],
    ];
    const wanted = [subject, sha256, sha1, expiry, key_type];
    if (JSON.stringify(got) !== JSON.stringify(wanted)) {
      differing.push({ id, got, wanted });
    }
  }

  process.stdout.write(
    `mozilla-certificates.jsonl: ${certificates.length - differing.length} of ${certificates.length} described identically\n`,
  );
  expect(certificates.length).toBeGreaterThan(0);
  expect(differing).toEqual([]);
});
