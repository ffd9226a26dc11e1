import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';
import { opensslVerify, printed } from '../../x509/issuing/support/openssl-verify.ts';

const GENERATE = `${PAIRS}generate/`;
const SETTING = 'CERTKEEP_AUTHENTIK_SELF_SIGNED';

let server: TestServer;
beforeAll(async () => {
  const { authentikSelfSigned } = readConfig({ [SETTING]: 'true' });
  server = await startServer({ authentikSelfSigned });
});
afterAll(() => server.close());

interface Made {
  readonly certificate: string;
  readonly privateKey: string;
}

async function generate(on: TestServer, body: object): Promise<Made> {
  const response = await on.request('POST', GENERATE, body);
  expect(response.status).toBe(200);
  const { pk } = (await response.json()) as { pk: string };
  const view = async (what: string): Promise<string> =>
    (await on.request('GET', `${PAIRS}${pk}/view_${what}/?download`)).text();
  return { certificate: await view('certificate'), privateKey: await view('private_key') };
}

describe(`with ${SETTING}=true`, () => {
  test.each([
    ['rsa', 'RSA PRIVATE KEY'],
    ['ecdsa', 'EC PRIVATE KEY'],
    ['ed25519', 'PRIVATE KEY'],
    ['ed448', 'PRIVATE KEY'],
  ])('what is generated verifies, for every name: %s', async (alg, label) => {
    const body = {
      common_name: `self-${alg}`,
      subject_alt_name: 'a.example, 10.0.0.1,,::1 ,x@b.example, *.c.example',
      validity_days: 30,
      alg,
    };
    const { certificate, privateKey } = await generate(server, body);
    for (const options of [
      ['-purpose', 'sslserver', '-verify_hostname', 'a.example'],
      ['-purpose', 'sslserver', '-verify_hostname', 'y.c.example'],
      ['-verify_ip', '10.0.0.1'],
      ['-verify_ip', '::1'],
      ['-verify_email', 'x@b.example'],
    ]) {
      expect(opensslVerify({ certificate, root: certificate }, options)).toMatch(/: OK\n$/);
    }
    const { subject, issuer } = new X509Certificate(certificate);
    expect(issuer).toBe(subject);
    expect(subject).toBe(`CN=self-${alg}\nO=authentik\nOU=Self-signed`);
    expect(privateKey.startsWith(`-----BEGIN ${label}-----\n`)).toBe(true);
  });

  test.each<[string, object, Record<string, string>]>([
    [
      'a name of no kind',
      { subject_alt_name: 'a.example, 10.0.0.256' },
      { subject_alt_name: 'Each name must be an IP address, a URI, an e-mail address or a DNS name.' },
    ],
    [
      'a name that is not ASCII',
      { subject_alt_name: 'bücher.example' },
      { subject_alt_name: 'Only ASCII characters are allowed.' },
    ],
    [
      'more names than are read back',
      { subject_alt_name: 'a,'.repeat(10_001) },
      { subject_alt_name: 'Too many names.' },
    ],
    [
      'names that are too long together',
      {
        subject_alt_name: Array.from({ length: 6000 }, (_, index) => `${`${'a'.repeat(50)}.`.repeat(3)}b${index}`).join(
          ',',
        ),
      },
      { subject_alt_name: 'The names together are too long for a certificate.' },
    ],
    [
      'several fields',
      { subject_alt_name: 'a b', validity_days: -2 },
      {
        subject_alt_name: 'Each name must be an IP address, a URI, an e-mail address or a DNS name.',
        validity_days: 'Ensure this value is greater than or equal to -1.',
      },
    ],
  ])('%s: refused in the shape of the dialect, and nothing is stored', async (_what, changes, problems) => {
    const body = { common_name: 'refused', validity_days: 1, alg: 'ed25519', ...changes };
    const response = await server.request('POST', GENERATE, body);
    const worded = Object.fromEntries(Object.entries(problems).map(([field, text]) => [field, [text]]));
    expect([response.status, await response.json()]).toEqual([400, worded]);
    const listed = (await (await server.request('GET', `${PAIRS}?name=refused`)).json()) as { results: unknown[] };
    expect(listed.results).toEqual([]);
  });
});

test(`without ${SETTING} what is generated stays authentik's: another issuer, DNS names as they stand, no other extension`, async () => {
  const ordinary = await startServer();
  try {
    const body = {
      common_name: 'ordinary',
      subject_alt_name: 'a.example, 10.0.0.1',
      validity_days: 30,
      alg: 'ed25519',
    };
    const { certificate } = await generate(ordinary, body);
    expect(() => opensslVerify({ certificate, root: certificate })).toThrow();
    const text = printed(certificate, '-nameopt', 'RFC2253');
    expect(text).toContain('Issuer: CN=Certkeep 0.0.0-test\n');
    expect(text.match(/X509v3 .*/g)).toEqual(['X509v3 extensions:', 'X509v3 Subject Alternative Name: critical']);
    expect(text).toContain('DNS:a.example, DNS: 10.0.0.1\n');
  } finally {
    await ordinary.close();
  }
});
