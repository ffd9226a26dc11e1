import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openssl } from '../../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../../support/server.ts';
import {
  certificateRequest,
  certificateWithPadding,
  derOf,
  opensslOn,
  type Pair,
  pemOf,
  relabelled,
  storePair,
} from './support/material.ts';
import { ask, expectRefusal } from './support/refusal.ts';

let server: TestServer;
let pair: Pair;
let certificate: string;
beforeAll(async () => {
  server = await startServer();
  pair = await storePair(server, 'stored');
  certificate = certificateWithPadding();
});
afterAll(() => server.close());

const REFUSAL = { status: 400, body: { certificate_data: ['Unable to load certificate.'] } };

/** Cuts a blank line into the base64, which makes headers of all before it. */
function withBlankLine(pem: string): string {
  const lines = pem.split('\n');
  return [...lines.slice(0, 3), '', ...lines.slice(3)].join('\n');
}

function withSpoiltBase64(pem: string): string {
  const lines = pem.split('\n');
  return lines.with(2, `!!${lines[2]?.slice(2)}`).join('\n');
}

/** A certificate whose outermost length promises more than there is. */
function withSpoiltDer(pem: string): string {
  const der = derOf(pem);
  der[3] = (der[3] ?? 0) ^ 0xff;
  return pemOf('CERTIFICATE', der);
}

const REFUSED: readonly (readonly [what: string, text: () => string])[] = [
  ['a text without any block', () => 'no certificate at all'],
  ['base64 without the lines around it', () => derOf(certificate).toString('base64')],
  ['a private key alone', () => pair.privateKey],
  ['a public key alone', () => openssl(['pkey', '-pubout'], pair.privateKey)],
  ['a TRUSTED CERTIFICATE', () => openssl(['x509', '-trustout'], certificate)],
  ['a certificate under the label of a trusted one', () => relabelled(certificate, 'TRUSTED CERTIFICATE')],
  ['a certificate under a label in small letters', () => relabelled(certificate, 'certificate')],
  ['a certificate request', () => certificateRequest(pair.privateKey)],
  ['a request under the label of a certificate', () => relabelled(certificateRequest(pair.privateKey), 'CERTIFICATE')],
  ['PKCS#7', () => opensslOn(certificate, (file) => ['crl2pkcs7', '-nocrl', '-certfile', file])],
  ['another label at END than at BEGIN', () => certificate.replace('END CERTIFICATE', 'END X509 CERTIFICATE')],
  ['a certificate without its BEGIN line', () => certificate.slice(certificate.indexOf('\n') + 1)],
  ['a certificate without its END line', () => certificate.replace(/-----END.*/, '')],
  ['an END line that lacks a dash', () => certificate.replace('END CERTIFICATE-----', 'END CERTIFICATE----')],
  ['a blank line inside the base64', () => withBlankLine(certificate)],
  ['a blank line of CRLF inside the base64', () => withBlankLine(certificate).replaceAll('\n', '\r\n')],
  ['a backslash and an n for each line break', () => certificate.trim().replaceAll('\n', '\\n')],
  ['base64url', () => certificate.replaceAll('+', '-').replaceAll('/', '_')],
  ['base64 without its padding', () => certificate.replace(/=+/, '')],
  ['a character that is none of base64', () => withSpoiltBase64(certificate)],
  ['bad base64 in the second certificate', () => certificate + withSpoiltBase64(pair.certificate)],
  ['bad base64 in a key behind the certificate', () => certificate + withSpoiltBase64(pair.privateKey)],
  ['bad base64 in a key before the certificate', () => withSpoiltBase64(pair.privateKey) + certificate],
  ['a blank line inside the second certificate', () => certificate + withBlankLine(pair.certificate)],
  ['DER that breaks off', () => pemOf('CERTIFICATE', derOf(certificate).subarray(0, -10))],
  ['broken DER in the first certificate of two', () => withSpoiltDer(certificate) + pair.certificate],
  ['no DER at all', () => pemOf('CERTIFICATE', Buffer.from('no certificate'))],
  ['an empty block', () => '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'],
  ['a byte behind the DER', () => pemOf('CERTIFICATE', Buffer.concat([derOf(certificate), Buffer.from([0])]))],
  [
    'two certificates’ DER in one block',
    () => pemOf('CERTIFICATE', Buffer.concat([derOf(certificate), derOf(pair.certificate)])),
  ],
];

describe('§1.3: as a certificate is refused', () => {
  test.each(REFUSED)('%s', async (_what, text) => {
    expect(text()).not.toBe(certificate);
    const body = { name: randomUUID(), certificate_data: text() };
    await expectRefusal(server, { method: 'POST', path: PAIRS, body }, REFUSAL);
  });
});

describe('§1.3: a pair keeps its certificate', () => {
  test.each(['PUT', 'PATCH'])('where %s brings one that is refused', async (method) => {
    const body = { name: 'renamed', certificate_data: withSpoiltDer(certificate) };
    await expectRefusal(server, { method, path: `${PAIRS}${pair.id}/`, body }, REFUSAL);
  });
});

describe('§1.3: the spoilt texts are refused for what was spoilt', () => {
  test.each([
    ['the certificate itself', () => certificate],
    ['broken DER in the second certificate', () => certificate + withSpoiltDer(pair.certificate)],
    ['a blank line right behind BEGIN', () => certificate.replace('-----\n', '-----\n\n')],
  ])('%s is stored', async (what, text) => {
    const body = { name: what, certificate_data: text() };
    const answer = await ask(server, { method: 'POST', path: PAIRS, body });
    expect(answer.status).toBe(201);
  });

  // §1.3 and §7: where the original fails with 500, this server accepts.
  test('a certificate of a curve that the original lacks is stored, with no type of key', async () => {
    const key = openssl(['ecparam', '-name', 'secp112r1', '-genkey', '-noout']);
    const text = opensslOn(key, (file) => ['req', '-x509', '-key', file, '-subj', '/CN=small.example']);
    const body = { name: 'small', certificate_data: text };
    const answer = await ask(server, { method: 'POST', path: PAIRS, body });
    expect({ status: answer.status, type: JSON.parse(answer.text).key_type }).toEqual({ status: 201, type: null });
  });
});
