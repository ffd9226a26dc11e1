import { CannotIssue } from '../errors.ts';
import { isDottedOid } from './dotted-oid.ts';
import type { KeyDescription } from './key-spec.ts';

/** KeyUsage (RFC 5280 §4.2.1.3) in the order of its bits. */
export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export type KeyUsage = (typeof KEY_USAGES)[number];

/** KeyPurposeId (RFC 5280 §4.2.1.12). */
export const EXTENDED_KEY_USAGES = {
  anyExtendedKeyUsage: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',
} as const;

/** What is written where the caller leaves the usages to us. */
export interface Usages {
  readonly keyUsage: readonly KeyUsage[];
  /** Names of `EXTENDED_KEY_USAGES`, or dotted OBJECT IDENTIFIERs. */
  readonly extendedKeyUsage: readonly string[];
}

type KeyType = KeyDescription['type'];

const SIGNING: readonly KeyUsage[] = ['digitalSignature', 'nonRepudiation', 'keyCertSign', 'cRLSign'];
const AGREEING: readonly KeyUsage[] = ['keyAgreement', 'encipherOnly', 'decipherOnly'];

/** RFC 3279 §2.3, RFC 4055 §1.2, RFC 8813 §3, RFC 8410 §5. */
const FITTING: Readonly<Record<KeyType, readonly KeyUsage[]>> = {
  rsa: [...SIGNING, 'keyEncipherment', 'dataEncipherment'],
  'rsa-pss': SIGNING,
  ec: [...SIGNING, ...AGREEING],
  dsa: SIGNING,
  ed25519: SIGNING,
  ed448: SIGNING,
  x25519: AGREEING,
  x448: AGREEING,
  other: AGREEING,
};

/** The usages of a CA, or of a leaf that speaks TLS on either side. */
export function defaultUsages(keyType: KeyType, isCa: boolean): Usages {
  if (isCa) return { keyUsage: ['keyCertSign', 'cRLSign'], extendedKeyUsage: [] };
  return { keyUsage: leafKeyUsage(keyType), extendedKeyUsage: ['serverAuth', 'clientAuth'] };
}

function leafKeyUsage(keyType: KeyType): readonly KeyUsage[] {
  if (!FITTING[keyType].includes('digitalSignature')) return ['keyAgreement'];
  // TLS 1.2 and before: RSA may carry the secret to the server.
  return keyType === 'rsa' ? ['digitalSignature', 'keyEncipherment'] : ['digitalSignature'];
}

/**
 * What keeps usages from being written: KEY_USAGE_UNFIT (a usage that the key's type has not; keyCertSign without being a CA, and the
 * reverse (RFC 5280 §4.2.1.3, §4.2.1.9); encipherOnly or decipherOnly without keyAgreement), EXTENDED_KEY_USAGE_UNKNOWN.
 */
export function problemsOfUsages(usages: Usages, keyType: KeyType, isCa: boolean): CannotIssue[] {
  const { keyUsage, extendedKeyUsage } = usages;
  const has = (usage: KeyUsage): boolean => keyUsage.includes(usage);
  const isFit =
    keyUsage.every((usage) => FITTING[keyType].includes(usage)) &&
    has('keyCertSign') === isCa &&
    (has('keyAgreement') || !(has('encipherOnly') || has('decipherOnly')));
  return [
    ...(isFit ? [] : [new CannotIssue('KEY_USAGE_UNFIT', 'a key usage does not fit the key or the certificate')]),
    ...(extendedKeyUsage.every((usage) => isDottedOid(oidOfExtendedKeyUsage(usage)))
      ? []
      : [
          new CannotIssue(
            'EXTENDED_KEY_USAGE_UNKNOWN',
            'an extended key usage has neither a known name nor a dotted one',
          ),
        ]),
  ];
}

/** The dotted form of a name; what is no name stays as it is. */
export function oidOfExtendedKeyUsage(usage: string): string {
  return Object.hasOwn(EXTENDED_KEY_USAGES, usage)
    ? EXTENDED_KEY_USAGES[usage as keyof typeof EXTENDED_KEY_USAGES]
    : usage;
}
