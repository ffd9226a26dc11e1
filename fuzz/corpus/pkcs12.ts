import { writePkcs12 } from '../../src/x509/index.ts';
import { exportByOpenssl, makePair, type Pair } from '../../test/x509/pkcs12/support/openssl-files.ts';
import type { Seed } from './seed.ts';

/** Of every file here. */
export const PASSPHRASE = 'fuzz';

const ITERATIONS = [1, 2, 4];
/** How openssl encrypts keys and certificates; not by RC2, which it has in its legacy provider alone. */
const SCHEMES = ['AES-128-CBC', 'AES-192-CBC', 'AES-256-CBC', 'DES-EDE3-CBC', 'PBE-SHA1-3DES', 'NONE'];

/**
 * PKCS#12 files of few rounds, by openssl and by us. Most are without a MAC, which would find each change before anything else is read;
 * and of some nothing is encrypted, so that the changes reach what is inside.
 */
export function pkcs12Seeds(): Seed[] {
  return ['P-256', 'RSA-2048', 'Ed25519'].flatMap((type) => {
    const ca = makePair('Example CA', type);
    const pair = makePair('example.com', type, { pair: ca });
    return [...byOpenssl(type, pair, ca), ...byUs(type, pair, ca)];
  });
}

function byOpenssl(type: string, pair: Pair, ca: Pair): Seed[] {
  const plain = ['-name', 'Ä name', '-keypbe', 'NONE', '-certpbe', 'NONE', '-nomac'];
  const file = (name: string, options: readonly string[], chain?: string): Seed =>
    seed(`${type}, ${name}`, exportByOpenssl(pair, PASSPHRASE, options, chain));
  return [
    ...SCHEMES.map((scheme) => file(scheme, ['-keypbe', scheme, '-certpbe', scheme, '-nomac', '-iter', '2'])),
    ...['sha1', 'sha256', 'sha512'].map((digest) => file(`MAC by ${digest}`, ['-macalg', digest, '-iter', '2'])),
    file('a key beside encrypted certificates', ['-keypbe', 'NONE', '-nomac', '-iter', '1'], ca.certificatePem),
    file('a chain', plain, ca.certificatePem),
    file('a key alone', [...plain, '-nocerts']),
    file('certificates alone', [...plain, '-nokeys'], ca.certificatePem),
  ];
}

function byUs(type: string, { key, certificate }: Pair, ca: Pair): Seed[] {
  const content = { privateKey: key, certificates: [certificate, ca.certificate], friendlyName: 'name' };
  return (['modern', 'legacy'] as const).flatMap((profile) =>
    ITERATIONS.map((iterations) =>
      seed(`${type}, ours, ${profile}`, writePkcs12(content, PASSPHRASE, { profile, iterations })),
    ),
  );
}

const seed = (name: string, der: Buffer): Seed => ({ name, kind: 'pkcs12', label: 'PKCS12', der });
