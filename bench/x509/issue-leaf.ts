import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import forge from 'node-forge';
import { type AuthentikRequest, type GeneratedKeyPair, issueAuthentikProfile } from '../../src/x509/index.ts';
import type { Bench } from '../bench.ts';
import { type Contestant, compare } from '../compare.ts';
import { issue, toSigningKeys } from '../load/peculiar.ts';
import { burst } from './burst.ts';
import { makeKey } from './samples.ts';

const TURNS = 6;
const DAY = 86_400_000;

const REQUEST: AuthentikRequest = {
  commonName: 'example.com',
  subjectAltNames: ['example.com', 'www.example.com'],
  validityDays: 365,
  issuerCommonName: 'authentik 2026.5.0',
  now: new Date(),
};
const VALIDITY = {
  notBefore: new Date(REQUEST.now.getTime() - DAY),
  notAfter: new Date(REQUEST.now.getTime() + REQUEST.validityDays * DAY),
};

/** A certificate in authentik's profile, of the same contents by each. The keys are there already: making them would be all there is. */
export async function issueLeaf({ rounds, report }: Pick<Bench, 'rounds' | 'report'>): Promise<void> {
  const ec = await contestants(makePair('P-256', 'ecdsa'), { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' });
  report.compared('issue a leaf, P-256', await compare(ec, rounds * TURNS));
  const keys = makePair('RSA-2048', 'rsa');
  const rsa = await contestants(keys, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' });
  report.compared('issue a leaf, RSA-2048', await compare([...rsa, ofForge(keys)], rounds * TURNS));
}

function makePair(name: 'P-256' | 'RSA-2048', algorithm: 'ecdsa' | 'rsa'): GeneratedKeyPair {
  const privateKey = createPrivateKey(makeKey(name).pem);
  return { algorithm, privateKey, publicKey: createPublicKey(privateKey) };
}

async function contestants(keys: GeneratedKeyPair, algorithm: object): Promise<Contestant[]> {
  const names = {
    subject: 'CN=example.com, O=authentik, OU=Self-signed',
    issuer: `CN=${REQUEST.issuerCommonName}`,
    dns: REQUEST.subjectAltNames,
  };
  const imported = await toSigningKeys(keys, algorithm);
  const octets = Buffer.alloc(400);
  return [
    burst('the signature alone', () => sign('sha256', octets, keys.privateKey)),
    burst('Certkeep', () => issueAuthentikProfile(REQUEST, keys)),
    burst('@peculiar/x509', () => issue(imported, names, VALIDITY)),
  ];
}

function ofForge({ privateKey, publicKey }: GeneratedKeyPair): Contestant {
  const own = forge.pki.privateKeyFromPem(privateKey.export({ format: 'pem', type: 'pkcs1' }).toString());
  const subjectKey = forge.pki.publicKeyFromPem(publicKey.export({ format: 'pem', type: 'spki' }).toString());
  return burst('node-forge', () => {
    const certificate = forge.pki.createCertificate();
    certificate.publicKey = subjectKey;
    certificate.serialNumber = '0123456789abcdef';
    certificate.validity = VALIDITY;
    certificate.setSubject([
      { shortName: 'CN', value: REQUEST.commonName },
      { shortName: 'O', value: 'authentik' },
      { shortName: 'OU', value: 'Self-signed' },
    ]);
    certificate.setIssuer([{ shortName: 'CN', value: REQUEST.issuerCommonName }]);
    const altNames = REQUEST.subjectAltNames.map((value) => ({ type: 2, value }));
    certificate.setExtensions([{ name: 'subjectAltName', critical: true, altNames }]);
    certificate.sign(own, forge.md.sha256.create());
    return forge.pki.certificateToPem(certificate);
  });
}
