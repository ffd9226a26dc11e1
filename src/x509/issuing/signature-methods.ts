import { curveByName } from '../curves.ts';
import { contextExplicit, type DerValue, nullValue, objectIdentifier, sequence, smallInteger } from '../der/writer.ts';
import { CannotIssue } from '../errors.ts';
import { Oid } from '../oids.ts';
import type { KeyDescription } from './key-spec.ts';

export type Digest = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** How RSA pads: PKCS#1 v1.5 or PSS (RFC 8017 §8.2, §8.1). */
export type RsaPadding = 'pkcs1' | 'pss';

/** How a key is to sign, where a caller cares. */
export interface SignatureChoice {
  /** Without it one that fits the key. An Ed25519 or Ed448 key refuses any: it has its own, and a wish must not be dropped in silence. */
  readonly digest?: Digest | undefined;
  /** Without it `pkcs1`, and `pss` of an RSASSA-PSS key, which refuses the other. Other keys refuse both. */
  readonly rsaPadding?: RsaPadding | undefined;
}

/** How a signature is made and called. */
export interface SignatureMethod {
  /** Null for Ed25519 and Ed448, which digest by themselves. */
  readonly digest: Digest | null;
  readonly rsaPadding: RsaPadding | null;
  /** AlgorithmIdentifier (RFC 5280 §4.1.1.2). */
  readonly algorithm: DerValue;
}

type PssKey = Extract<KeyDescription, { type: 'rsa-pss' }>;
type Oids = Readonly<Partial<Record<Digest, string>>>;

/** RFC 3279 §2.2.1, RFC 4055 §5. */
const RSA: Oids = {
  md5: '1.2.840.113549.1.1.4',
  sha1: '1.2.840.113549.1.1.5',
  sha224: '1.2.840.113549.1.1.14',
  sha256: Oid.sha256WithRsa,
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
};
/** RFC 3279 §2.2.3, RFC 5758 §3.2. */
const ECDSA: Oids = {
  sha1: '1.2.840.10045.4.1',
  sha224: '1.2.840.10045.4.3.1',
  sha256: Oid.ecdsaWithSha256,
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
};
/** RFC 3279 §2.2.2, RFC 5758 §3.1. */
const DSA: Oids = {
  sha1: '1.2.840.10040.4.3',
  sha224: '2.16.840.1.101.3.4.3.1',
  sha256: '2.16.840.1.101.3.4.3.2',
};
/** The digests that PSS takes by RFC 4055 §2.1. */
const DIGESTS: Oids = {
  sha1: Oid.sha1,
  sha224: '2.16.840.1.101.3.4.2.4',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};

const DIGEST_OCTETS: Readonly<Record<Digest, number>> = {
  md5: 16,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

/** RFC 8017 §9.2, note 1: what stands before the digest in DigestInfo; then three octets and at least eight of padding. */
const PKCS1_OVERHEAD: Readonly<Record<Digest, number>> = {
  md5: 18 + 11,
  sha1: 15 + 11,
  sha224: 19 + 11,
  sha256: 19 + 11,
  sha384: 19 + 11,
  sha512: 19 + 11,
};

/**
 * How a key signs.
 * @throws CannotIssue KEY_CANNOT_SIGN (also by this padding); PADDING_UNFIT for another key than RSA; DIGEST_UNFIT where no algorithm has the key and the digest; DIGEST_TOO_LARGE for the RSA key
 */
export function chooseSignature(key: KeyDescription, choice: SignatureChoice = {}): SignatureMethod {
  const digest = choice.digest ?? defaultDigest(key);
  if (choice.rsaPadding !== undefined && key.type !== 'rsa' && key.type !== 'rsa-pss') {
    throw new CannotIssue('PADDING_UNFIT', 'only RSA pads');
  }
  switch (key.type) {
    case 'rsa':
      return choice.rsaPadding === 'pss' ? rsaPss(key.bits, digest) : rsaPkcs1(key.bits, digest);
    case 'rsa-pss':
      return rsaPssAlone(key, choice);
    case 'ec':
      return plain(ECDSA, digest);
    case 'dsa':
      return plain(DSA, digest);
    case 'ed25519':
    case 'ed448':
      if (choice.digest !== undefined) throw new CannotIssue('DIGEST_UNFIT', 'the key has a digest of its own');
      return { digest: null, rsaPadding: null, algorithm: sequence(objectIdentifier(Oid[key.type])) };
    default:
      throw new CannotIssue('KEY_CANNOT_SIGN', 'keys of this type do not sign');
  }
}

/** As strong as the key where the curve is larger than 256 bits (RFC 5480 §4), otherwise SHA-256. */
function defaultDigest(key: KeyDescription): Digest {
  const bits = key.type === 'ec' ? (curveByName(key.curve)?.bits ?? 0) : 0;
  if (bits > 384) return 'sha512';
  return bits > 256 ? 'sha384' : 'sha256';
}

function oidOf(oids: Oids, digest: Digest): string {
  const oid = oids[digest];
  if (oid === undefined) throw new CannotIssue('DIGEST_UNFIT', 'no algorithm signs with this key and this digest');
  return oid;
}

/** RFC 5758 §3: without parameters. */
function plain(oids: Oids, digest: Digest): SignatureMethod {
  return { digest, rsaPadding: null, algorithm: sequence(objectIdentifier(oidOf(oids, digest))) };
}

/** RFC 4055 §5: with NULL. */
function rsaPkcs1(bits: number, digest: Digest): SignatureMethod {
  const algorithm = sequence(objectIdentifier(oidOf(RSA, digest)), nullValue());
  refuseTooLarge(Math.ceil(bits / 8), DIGEST_OCTETS[digest] + PKCS1_OVERHEAD[digest]);
  return { digest, rsaPadding: 'pkcs1', algorithm };
}

/** RFC 4055 §3.1, with a salt as long as the digest; the defaults, which are those of SHA-1, are left out. */
function rsaPss(bits: number, digest: Digest): SignatureMethod {
  const hash = sequence(objectIdentifier(oidOf(DIGESTS, digest)), nullValue());
  // RFC 8017 §9.1.1: the encoded message has one bit less than the modulus.
  refuseTooLarge(Math.ceil((bits - 1) / 8), 2 * DIGEST_OCTETS[digest] + 2);
  const parameters =
    digest === 'sha1'
      ? sequence()
      : sequence(
          contextExplicit(0, hash),
          contextExplicit(1, sequence(objectIdentifier(Oid.mgf1), hash)),
          contextExplicit(2, smallInteger(DIGEST_OCTETS[digest])),
        );
  return { digest, rsaPadding: 'pss', algorithm: sequence(objectIdentifier(Oid.rsassaPss), parameters) };
}

/** RFC 4055 §3.3: a signature keeps to the key's parameters. */
function rsaPssAlone({ bits, restriction }: PssKey, { digest, rsaPadding }: SignatureChoice): SignatureMethod {
  if (rsaPadding === 'pkcs1') throw new CannotIssue('KEY_CANNOT_SIGN', 'an RSASSA-PSS key pads by PSS alone');
  if (restriction === null) return rsaPss(bits, digest ?? 'sha256');
  const wanted = digest ?? restriction.digest;
  const isFit = isDigest(wanted) && wanted === restriction.digest && wanted === restriction.maskDigest;
  if (!isFit || restriction.saltLength > DIGEST_OCTETS[wanted]) {
    throw new CannotIssue('DIGEST_UNFIT', "the key's parameters do not allow this digest");
  }
  return rsaPss(bits, wanted);
}

function isDigest(name: string): name is Digest {
  return Object.hasOwn(DIGEST_OCTETS, name);
}

function refuseTooLarge(available: number, needed: number): void {
  if (needed > available) throw new CannotIssue('DIGEST_TOO_LARGE', 'the digest does not fit into the RSA key');
}
