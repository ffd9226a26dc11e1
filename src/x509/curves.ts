/** An elliptic curve that pyca 49 knows and authentik therefore takes. */
export interface Curve {
  readonly oid: string;
  /** OpenSSL's short name, which node:crypto goes by. */
  readonly name: string;
  readonly bits: number;
}

const CURVES: readonly Curve[] = [
  { oid: '1.2.840.10045.3.1.1', name: 'prime192v1', bits: 192 },
  { oid: '1.3.132.0.33', name: 'secp224r1', bits: 224 },
  { oid: '1.2.840.10045.3.1.7', name: 'prime256v1', bits: 256 },
  { oid: '1.3.132.0.34', name: 'secp384r1', bits: 384 },
  { oid: '1.3.132.0.35', name: 'secp521r1', bits: 521 },
  { oid: '1.3.132.0.10', name: 'secp256k1', bits: 256 },
  { oid: '1.3.36.3.3.2.8.1.1.7', name: 'brainpoolP256r1', bits: 256 },
  { oid: '1.3.36.3.3.2.8.1.1.11', name: 'brainpoolP384r1', bits: 384 },
  { oid: '1.3.36.3.3.2.8.1.1.13', name: 'brainpoolP512r1', bits: 512 },
];

/**
 * SHA-256 of the DER of `openssl ecparam -param_enc explicit`, first with the seed, then with `-no_seed`. DER has one encoding of
 * one value, so a digest tells what a comparison of all numbers would.
 */
const EXPLICIT_DIGESTS: ReadonlyMap<string, string> = new Map([
  ['40c3c405abfc62e096cb6491f85f967d6d75ede716604629654910c475d4b846', 'prime256v1'],
  ['5f619bbe9633b196eaaf367bac88d37c27a26b393f2c5a0eea0f6e5671d0d1da', 'prime256v1'],
  ['19a03321b63c6490867791325fc61a4df548ffaf40b94e499793a6267e5a72dd', 'secp384r1'],
  ['3c2855e154f036070f1294cdd743e1e9315a3579ef8b5c81a25f9a3380ce1a5b', 'secp384r1'],
  ['686637285b0a49a8325eceb3d37203c016dcaa29ecf697455e4b8abfda69c186', 'secp521r1'],
  ['c9b842abd3465a2ca4b0ea9510ec9133e86f188b339998165c186cbbc28d1d71', 'secp521r1'],
]);

/** The curve of a dotted name, or null if pyca doesn't know it. */
export function curveByOid(oid: string): Curve | null {
  return CURVES.find((curve) => curve.oid === oid) ?? null;
}

/** The curve whose explicit parameters have this SHA-256 (lower-case hex of their DER), or null. */
export function curveByExplicitDigest(digest: string): Curve | null {
  const name = EXPLICIT_DIGESTS.get(digest);
  return CURVES.find((curve) => curve.name === name) ?? null;
}

/** The curve of OpenSSL's short name, or null if pyca doesn't know it. */
export function curveByName(name: string): Curve | null {
  return CURVES.find((curve) => curve.name === name) ?? null;
}
