import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openssl } from '../../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../../support/server.ts';
import { certificateRequest, derOf, opensslOn, type Pair, pemOf, relabelled, storePair } from './support/material.ts';
import { ask, expectRefusal } from './support/refusal.ts';

let server: TestServer;
let pair: Pair;
let keys: Keys;
beforeAll(async () => {
  server = await startServer();
  pair = await storePair(server, 'stored');
  keys = makeKeys();
});
afterAll(() => server.close());

interface Keys {
  readonly rsaPkcs8: string;
  readonly rsaPkcs1: string;
  readonly ecPkcs8: string;
  readonly ecSec1: string;
}

function makeKeys(): Keys {
  const rsaPkcs8 = openssl(['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']);
  const ecPkcs8 = openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1']);
  return {
    rsaPkcs8,
    rsaPkcs1: createPrivateKey(rsaPkcs8).export({ type: 'pkcs1', format: 'pem' }).toString(),
    ecPkcs8,
    ecSec1: createPrivateKey(ecPkcs8).export({ type: 'sec1', format: 'pem' }).toString(),
  };
}

const REFUSAL = { status: 400, body: { key_data: ['Unable to load private key (possibly encrypted?).'] } };
const PASSWORD = ['-passout', 'pass:secret'];

/** An unencrypted Ed25519 key as ssh-keygen writes it (OpenSSH's PROTOCOL.key); openssl can't. */
function opensshKey(): string {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const point = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  const seed = privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32);
  const type = sshString(Buffer.from('ssh-ed25519'));
  const check = Buffer.alloc(8, 7);
  const secret = [check, type, sshString(point), sshString(Buffer.concat([seed, point])), sshString(Buffer.from('me'))];
  const none = sshString(Buffer.from('none'));
  const body = Buffer.concat(secret);
  const padding = Buffer.from(Array.from({ length: 8 - (body.length % 8) }, (_, index) => index + 1));
  const one = Buffer.from([0, 0, 0, 1]);
  const blob = [Buffer.from('openssh-key-v1\0'), none, none, sshString(Buffer.alloc(0)), one];
  const publicBlob = sshString(Buffer.concat([type, sshString(point)]));
  return pemOf('OPENSSH PRIVATE KEY', Buffer.concat([...blob, publicBlob, sshString(Buffer.concat([body, padding]))]));
}

function sshString(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** An RSA key one of whose numbers was changed. */
function tampered(place: 'modulus' | 'prime' | 'coefficient'): string {
  const der = derOf(keys.rsaPkcs1);
  const at = { modulus: 40, prime: Math.floor(der.length * 0.6), coefficient: der.length - 20 }[place];
  der[at] = (der[at] ?? 0) ^ 0x01;
  return pemOf('RSA PRIVATE KEY', der);
}

function encryptedPkcs1(): string {
  return openssl(['rsa', '-aes128', '-traditional', ...PASSWORD], keys.rsaPkcs1);
}

function withLine(pem: string, at: number, line: string): string {
  return pem.split('\n').toSpliced(at, 0, line).join('\n');
}

const REFUSED: readonly (readonly [what: string, text: () => string])[] = [
  ['a text without any block', () => 'no key at all'],
  ['an encrypted PKCS#8', () => openssl(['pkcs8', '-topk8', '-v2', 'aes-256-cbc', ...PASSWORD], keys.rsaPkcs8)],
  ['an encrypted PKCS#1 (Proc-Type)', encryptedPkcs1],
  ['an encrypted SEC1 (Proc-Type)', () => openssl(['ec', '-aes128', ...PASSWORD], keys.ecSec1)],
  ['an OPENSSH key', opensshKey],
  ['a public key', () => openssl(['pkey', '-pubout'], keys.rsaPkcs8)],
  ['an RSA public key of PKCS#1', () => openssl(['rsa', '-RSAPublicKey_out'], keys.rsaPkcs8)],
  ['a certificate', () => pair.certificate],
  ['a certificate request', () => certificateRequest(keys.ecPkcs8)],
  ['EC PARAMETERS alone', () => openssl(['ecparam', '-name', 'prime256v1'])],
  ['PKCS#8 under RSA PRIVATE KEY', () => relabelled(keys.rsaPkcs8, 'RSA PRIVATE KEY')],
  ['PKCS#8 under EC PRIVATE KEY', () => relabelled(keys.ecPkcs8, 'EC PRIVATE KEY')],
  ['PKCS#1 under PRIVATE KEY', () => relabelled(keys.rsaPkcs1, 'PRIVATE KEY')],
  ['SEC1 under PRIVATE KEY', () => relabelled(keys.ecSec1, 'PRIVATE KEY')],
  ['PKCS#1 under EC PRIVATE KEY', () => relabelled(keys.rsaPkcs1, 'EC PRIVATE KEY')],
  ['a plain key under ENCRYPTED PRIVATE KEY', () => relabelled(keys.rsaPkcs8, 'ENCRYPTED PRIVATE KEY')],
  ['an RSA key with another modulus', () => tampered('modulus')],
  ['an RSA key with another prime', () => tampered('prime')],
  ['an RSA key with another coefficient', () => tampered('coefficient')],
  ['a key of a curve that the original lacks', () => openssl(['ecparam', '-name', 'secp112r1', '-genkey', '-noout'])],
  ['a key of a binary curve', () => openssl(['ecparam', '-name', 'sect163k1', '-genkey', '-noout'])],
  ['another label at END than at BEGIN', () => keys.ecPkcs8.replace('END PRIVATE', 'END EC PRIVATE')],
  ['a key without its END line', () => keys.ecPkcs8.replace(/-----END.*/, '')],
  ['a blank line inside the base64', () => withLine(keys.rsaPkcs8, 3, '')],
  ['a line of blanks inside the base64', () => withLine(keys.rsaPkcs8, 3, ' \t ')],
  ['a backslash and an n for each line break', () => keys.ecPkcs8.trim().replaceAll('\n', '\\n')],
  ['a character that is none of base64', () => withLine(keys.ecPkcs8, 1, '!!!!')],
  ['DER that breaks off', () => pemOf('PRIVATE KEY', derOf(keys.ecPkcs8).subarray(0, -5))],
  ['a byte behind the DER', () => pemOf('PRIVATE KEY', Buffer.concat([derOf(keys.ecPkcs8), Buffer.from([0])]))],
  ['no DER at all', () => pemOf('PRIVATE KEY', Buffer.from('no key'))],
  ['an encrypted key before a sound one: the first counts', () => encryptedPkcs1() + keys.ecPkcs8],
  ['a tampered key before a sound one: the first counts', () => tampered('prime') + keys.ecPkcs8],
  ['a DSA key under PRIVATE KEY', () => relabelled(dsaKey(), 'PRIVATE KEY')],
];

function dsaKey(): string {
  const { privateKey } = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return opensslOn(pem, (file) => ['dsa', '-in', file]);
}

describe('§1.3: as a private key is refused', () => {
  test.each(REFUSED)('%s', async (_what, text) => {
    const body = { name: randomUUID(), certificate_data: pair.certificate, key_data: text() };
    await expectRefusal(server, { method: 'POST', path: PAIRS, body }, REFUSAL);
  });
});

describe('§1.3: a pair keeps its private key', () => {
  test.each(['PUT', 'PATCH'])('where %s brings one that is refused', async (method) => {
    const body = { name: 'renamed', certificate_data: pair.certificate, key_data: tampered('prime') };
    await expectRefusal(server, { method, path: `${PAIRS}${pair.id}/`, body }, REFUSAL);
  });
});

describe('§1.3: the spoilt texts are refused for what was spoilt', () => {
  test.each([
    ['PKCS#8 of RSA', () => keys.rsaPkcs8],
    ['PKCS#1', () => keys.rsaPkcs1],
    ['PKCS#8 of EC', () => keys.ecPkcs8],
    ['SEC1', () => keys.ecSec1],
    ['EC PARAMETERS before SEC1', () => openssl(['ecparam', '-name', 'prime256v1']) + keys.ecSec1],
    ['DSA', dsaKey],
    ['a sound key before a tampered one', () => keys.ecPkcs8 + tampered('prime')],
  ])('%s is stored', async (what, text) => {
    const body = { name: what, certificate_data: pair.certificate, key_data: text() };
    const answer = await ask(server, { method: 'POST', path: PAIRS, body });
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 201 });
  });
});
