import { createPrivateKey } from 'node:crypto';
import forge from 'node-forge';
import { loadPrivateKey } from '../../src/x509/index.ts';
import { raise } from '../../src/x509/primality.ts';
import type { Bench } from '../bench.ts';
import { type Contestant, compare } from '../compare.ts';
import { importKey } from '../load/peculiar.ts';
import { burst } from './burst.ts';
import { type KeyName, makeKey } from './samples.ts';

const TURNS = 6;

/** WebCrypto's names. */
const ALGORITHMS: Readonly<Record<KeyName, object>> = {
  'RSA-2048': { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  'RSA-4096': { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  'P-256': { name: 'ECDSA', namedCurve: 'P-256' },
  Ed25519: { name: 'Ed25519' },
};

/** A key from PKCS#8. Certkeep checks that its numbers fit each other; the others load whatever comes. */
export async function loadKeys({ rounds, report }: Pick<Bench, 'rounds' | 'report'>): Promise<void> {
  for (const name of Object.keys(ALGORITHMS) as KeyName[]) {
    const compared = await compare(contestants(name), rounds * TURNS);
    report.compared(`load a key, ${name}`, compared);
    if (name === 'RSA-4096') {
      const { throughput = Number.NaN } = compared[1] ?? {};
      report.goal('load and check an RSA-4096 key, of the processor', 1000 / throughput, 'ms', { atMost: 5 });
    }
  }
}

function contestants(name: KeyName): Contestant[] {
  const { pem } = makeKey(name);
  return [
    burst('createPrivateKey', () => createPrivateKey(pem)),
    burst('Certkeep, checked', () => loadPrivateKey(pem)),
    burst('@peculiar, WebCrypto', () => importKey(pem, ALGORITHMS[name])),
    ...(name.startsWith('RSA') ? ofRsa(pem) : []),
  ];
}

function ofRsa(pem: string): Contestant[] {
  const { p = '', q = '' } = createPrivateKey(pem).export({ format: 'jwk' });
  const [one, other] = [p, q].map((factor) => BigInt(`0x${Buffer.from(factor, 'base64url').toString('hex')}`));
  if (one === undefined || other === undefined) throw new Error('an RSA key has two factors');
  return [
    burst('node-forge', () => forge.pki.privateKeyFromPem(pem)),
    // The least that tells whether a factor is prime: OpenSSL's arithmetic and nothing else.
    burst('both factors tested', () => [one, other].map((factor) => raise(3n, factor - 1n, factor))),
  ];
}
