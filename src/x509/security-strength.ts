import type { KeyType } from './private-key-structure.ts';

/** What of a key decides how hard it is to break: the facts of a certificate have it, and so does whoever knows a key's size. */
export interface KeySize {
  /** Null for a type that is not known here. */
  readonly keyType: KeyType | null;
  /** In bits: of the modulus, of the prime, of the curve's field. */
  readonly keySize: number | null;
  /** OpenSSL's short name; it tells the size of a curve of which nothing else is known. */
  readonly curve?: string | null;
}

/** NIST SP 800-57 Part 1 (revision 5) Table 2, from the strongest: sizes of RSA, DSA and DH, and of a curve, from which on a strength holds. */
const TABLE: ReadonlyArray<readonly [bits: number, factoring: number, curve: number]> = [
  [256, 15_360, 512],
  [192, 7680, 384],
  [128, 3072, 256],
  [112, 2048, 224],
  [80, 1024, 160],
];

/** NIST SP 800-186 §4.2, RFC 7748 §7: the table has no line for their sizes. */
const MODERN_CURVES: Readonly<Partial<Record<KeyType, number>>> = { ed25519: 128, x25519: 128, ed448: 224, x448: 224 };

/** In bits, of the curves that OpenSSL knows by names without a size. */
const UNSIZED_CURVES: Readonly<Record<string, number>> = {
  SM2: 256,
  'wap-wsg-idm-ecid-wtls1': 113,
  'wap-wsg-idm-ecid-wtls3': 163,
  'wap-wsg-idm-ecid-wtls4': 113,
  'wap-wsg-idm-ecid-wtls5': 163,
  'wap-wsg-idm-ecid-wtls6': 112,
  'wap-wsg-idm-ecid-wtls7': 160,
  'wap-wsg-idm-ecid-wtls8': 112,
  'wap-wsg-idm-ecid-wtls9': 160,
  'wap-wsg-idm-ecid-wtls10': 233,
  'wap-wsg-idm-ecid-wtls11': 233,
  'wap-wsg-idm-ecid-wtls12': 224,
  'Oakley-EC2N-3': 155,
  'Oakley-EC2N-4': 185,
};

/**
 * How strong a key is (NIST SP 800-57 Part 1 revision 5, Table 2), by its size alone: of the curves of one size some are weaker, and of
 * DSA the size of its subgroup is not asked.
 * @returns bits of security; 0 for a size below the table; null for a key of which nothing is known
 * @example
 * securityStrength({ keyType: 'rsa', keySize: 2048 }); // → 112
 * securityStrength(describeCertificate(certificatePem)); // → 128
 */
export function securityStrength({ keyType, keySize, curve = null }: KeySize): number | null {
  const modern = keyType === null ? undefined : MODERN_CURVES[keyType];
  if (modern !== undefined) return modern;
  const field = keyType === 'ec' || keyType === null ? (keySize ?? sizeOfCurve(curve)) : null;
  if (field !== null) return TABLE.find(([, , least]) => field >= least)?.[0] ?? 0;
  if (keySize === null) return null;
  return TABLE.find(([, least]) => keySize >= least)?.[0] ?? 0;
}

/** As most names of curves have it: `secp112r1`, `c2pnb163v1`, `brainpoolP160r1`. */
function sizeOfCurve(name: string | null): number | null {
  if (name === null) return null;
  const [digits] = /\d{3}/.exec(name) ?? [];
  return UNSIZED_CURVES[name] ?? (digits === undefined ? null : Number(digits));
}
