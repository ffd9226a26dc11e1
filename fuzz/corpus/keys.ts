import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { openssl } from '../../test/support/openssl.ts';
import { type Seed, seedsOf } from './seed.ts';

/** A key that node:crypto made, and how certificates for it are made. */
export interface MadeKey {
  readonly name: string;
  readonly key: KeyObject;
  /** False where another key must sign: the algorithm only agrees on secrets. */
  readonly signs: boolean;
}

/** Those of pyca, and some that it refuses: too short, of characteristic two, or hardly ever seen. */
const CURVES = [
  'prime192v1',
  'secp224r1',
  'prime256v1',
  'secp384r1',
  'secp521r1',
  'secp256k1',
  'brainpoolP256r1',
  'brainpoolP384r1',
  'brainpoolP512r1',
  'secp112r1',
  'secp160r1',
  'brainpoolP160r1',
  'brainpoolP320t1',
  'sect163k1',
  'sect283r1',
  'c2pnb163v1',
];
const EXPLICIT_CURVES = ['prime256v1', 'secp384r1', 'secp521r1', 'secp256k1', 'sect233r1'];

/** A key of every type and curve. */
export function makeKeys(): MadeKey[] {
  const made = (name: string, { privateKey }: { privateKey: KeyObject }, signs = true): MadeKey => ({
    name,
    key: privateKey,
    signs,
  });
  return [
    made('RSA-1024', generateKeyPairSync('rsa', { modulusLength: 1024 })),
    made('RSA-2048', generateKeyPairSync('rsa', { modulusLength: 2048 })),
    made('RSA-2048, exponent 3', generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 })),
    made('RSA-4096', generateKeyPairSync('rsa', { modulusLength: 4096 })),
    made('RSASSA-PSS', generate('RSA-PSS')),
    made(
      'RSASSA-PSS with parameters',
      generate('RSA-PSS', 'rsa_pss_keygen_md:sha256', 'rsa_pss_keygen_mgf1_md:sha256', 'rsa_pss_keygen_saltlen:32'),
    ),
    made('DSA-1024', generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 })),
    made('DSA-2048', generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 })),
    ...CURVES.map((namedCurve) => made(`EC ${namedCurve}`, generateKeyPairSync('ec', { namedCurve }))),
    ...EXPLICIT_CURVES.map((namedCurve) =>
      made(`EC ${namedCurve}, spelled out`, generateKeyPairSync('ec', { namedCurve, paramEncoding: 'explicit' })),
    ),
    made('Ed25519', generateKeyPairSync('ed25519')),
    made('Ed448', generateKeyPairSync('ed448')),
    made('X25519', generateKeyPairSync('x25519'), false),
    made('X448', generateKeyPairSync('x448'), false),
    made('DH modp_2048', generate('DH', 'group:modp_2048'), false),
    made('DHX RFC 5114', generate('DHX', 'dh_rfc5114:2'), false),
  ];
}

/** What the types of node:crypto don't let be generated. */
function generate(algorithm: string, ...options: string[]): { privateKey: KeyObject } {
  const pem = openssl(['genpkey', '-algorithm', algorithm, ...options.flatMap((option) => ['-pkeyopt', option])]);
  return { privateKey: createPrivateKey(pem) };
}

/** Each key in every encoding it has, encrypted ones among them. */
export function keySeeds(keys: readonly MadeKey[]): Seed[] {
  return keys.flatMap(({ name, key }) => {
    const pkcs8 = key.export({ format: 'pem', type: 'pkcs8' }).toString();
    return [...seedsOf(`${name}, PKCS#8`, pkcs8), ...seedsOf(name, traditional(key, pkcs8)), ...encrypted(name, key)];
  });
}

/** PKCS#1, SEC 1 or OpenSSL's DSA format; '' for a type that has none. */
function traditional(key: KeyObject, pkcs8: string): string {
  if (key.asymmetricKeyType === 'rsa') return key.export({ format: 'pem', type: 'pkcs1' }).toString();
  if (key.asymmetricKeyType === 'dsa') return openssl(['pkey', '-traditional'], pkcs8);
  if (key.asymmetricKeyType !== 'ec') return '';
  const sec1 = key.export({ format: 'pem', type: 'sec1' }).toString();
  return sec1 + openssl(['ec', '-conv_form', 'compressed'], sec1);
}

function encrypted(name: string, key: KeyObject): Seed[] {
  if (name !== 'EC prime256v1') return [];
  const text = key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'fuzz' }).toString();
  return seedsOf(`${name}, encrypted`, text);
}
