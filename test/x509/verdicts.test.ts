import { describe, expect, test } from 'vitest';
import { loadCertificate, loadPrivateKey, NotACertificate, NotAPrivateKey } from '../../src/x509/index.ts';
import { authentikRecordings, pycaVerdicts } from './support/fixtures.ts';

describe("pyca's verdicts on mutated texts are ours", () => {
  const verdicts = pycaVerdicts().map(
    (verdict, index) => [`${verdict.kind} ${index}: ${verdict.why ?? 'accepted'}`, verdict] as const,
  );

  test('the sample has both verdicts on both', () => {
    for (const kind of ['certificate', 'privateKey']) {
      for (const accepted of [true, false]) {
        const matching = verdicts.filter(([, verdict]) => verdict.kind === kind && verdict.accepted === accepted);
        expect(matching.length, `${kind} ${accepted}`).toBeGreaterThan(40);
      }
    }
  });

  test.each(verdicts)('%s', (_, { kind, text, accepted, facts }) => {
    const load = kind === 'certificate' ? describeCertificateText : describeKeyText;
    if (accepted) expect(load(text)).toEqual(facts);
    else expect(() => load(text)).toThrow(kind === 'certificate' ? NotACertificate : NotAPrivateKey);
  });
});

describe("authentik's recorded verdicts on PEM are ours", () => {
  const recordings = authentikRecordings().filter(({ id, method }) => id.startsWith('pem/') && method === 'POST');

  test('there are such recordings', () => expect(recordings.length).toBeGreaterThan(30));

  test.each(recordings.map((recording) => [recording.id, recording] as const))(
    '%s',
    (_, { body, expect: expected }) => {
      const { certificate_data: certificate = '', key_data: key = '' } = body ?? {};
      const problems = Object.keys(expected.status === 400 ? (expected.json ?? {}) : {});
      if (problems.includes('certificate_data'))
        expect(() => loadCertificate(certificate.trim())).toThrow(NotACertificate);
      else
        expect(loadCertificate(certificate.trim()).facts.keyType).toEqual(
          expected.json?.['key_type'] ?? expect.anything(),
        );
      if (problems.includes('key_data')) expect(() => loadPrivateKey(key.trim())).toThrow(NotAPrivateKey);
      else if (key !== '') loadPrivateKey(key.trim());
    },
  );
});

function describeCertificateText(text: string): Record<string, string | null> {
  const { facts } = loadCertificate(text);
  return {
    subject: facts.subject,
    fingerprintSha256: facts.fingerprintSha256,
    notAfter: facts.notAfter.toISOString().replace('.000', ''),
    serialNumber: facts.serialNumber,
    keyType: facts.keyType,
  };
}

function describeKeyText(text: string): Record<string, string | null> {
  return { keyType: loadPrivateKey(text).keyType };
}
