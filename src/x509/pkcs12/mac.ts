import { createHmac, timingSafeEqual } from 'node:crypto';
import { DerError } from '../der/error.ts';
import { type DerReader, parseDer } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';
import { readAlgorithm } from './algorithm.ts';
import { hashByHmacOid, hashByOid } from './hashes.ts';
import { Pkcs12Oid } from './oids.ts';
import type { Passphrase } from './passphrase.ts';
import type { Opening } from './password-encryption.ts';
import { derivePbkdf2Key, pbkdf2Rounds, readPbkdf2 } from './pbkdf2.ts';
import { derivePkcs12Key, type Pkcs12KdfParameters, Purpose, pkcs12KdfRounds } from './pkcs12-kdf.ts';
import { readCount, readSalt } from './work-budget.ts';

/** RFC 9579: a shorter key makes a MAC that can be guessed. */
const MIN_PBMAC1_KEY = 20;

/** MacData that was read and not yet compared. */
export interface Mac {
  /** Whether the MAC is that of `content`: the passphrase in the forms it goes with, null where it goes with none. */
  readonly verify: (content: Buffer, passphrase: Passphrase) => Passphrase | null;
}

/**
 * Reads MacData (RFC 7292 §4) and counts its rounds.
 * @throws DerError, BeyondLimits
 */
export function readMac(reader: DerReader, opening: Opening): Mac {
  return reader.enter(Tag.Sequence, (inner) => {
    const { algorithm, digest } = inner.enter(Tag.Sequence, (digestInfo) => ({
      algorithm: readAlgorithm(digestInfo),
      digest: digestInfo.expect(Tag.OctetString).content,
    }));
    if (algorithm.oid === Pkcs12Oid.pbmac1) return readPbmac1(algorithm.parameters, digest, inner, opening);
    const kdf = {
      hash: hashByOid(algorithm.oid),
      salt: readSalt(inner),
      iterations: inner.done ? 1 : readCount(inner),
    };
    return pkcs12Mac(kdf, digest, opening);
  });
}

/** HMAC under a key that PKCS#12's own derivation makes (RFC 7292 §B.4). */
export function computePkcs12Mac(kdf: Pkcs12KdfParameters, bmp: Buffer, content: Buffer): Buffer {
  const key = derivePkcs12Key(kdf, bmp, Purpose.macKey, kdf.hash.octets);
  return createHmac(kdf.hash.name, key).update(content).digest();
}

function pkcs12Mac(kdf: Pkcs12KdfParameters, digest: Buffer, { passphrase, work }: Opening): Mac {
  checkLength(digest, kdf.hash.octets);
  work.charge(pkcs12KdfRounds(kdf, kdf.hash.octets) * passphrase.bmp.length);
  return {
    verify(content, { utf8, bmp }) {
      const form = bmp.find((candidate) => timingSafeEqual(computePkcs12Mac(kdf, candidate, content), digest));
      return form === undefined ? null : { utf8, bmp: [form] };
    },
  };
}

/** RFC 9579 §4: everything stands in the algorithm's parameters; the salt and the count of MacData say nothing. */
function readPbmac1(parameters: Buffer, digest: Buffer, macData: DerReader, { work }: Opening): Mac {
  macData.expect(Tag.OctetString);
  macData.optional(Tag.Integer);
  const [derivation, scheme] = parseDer(parameters, (reader) =>
    reader.enter(Tag.Sequence, (inner) => [readAlgorithm(inner), readAlgorithm(inner)] as const),
  );
  if (derivation.oid !== Pkcs12Oid.pbkdf2) throw new DerError('an unsupported key derivation');
  const pbkdf2 = readPbkdf2(derivation.parameters);
  const { keyLength } = pbkdf2;
  if (keyLength === null || keyLength < MIN_PBMAC1_KEY) throw new DerError('PBMAC1 with no key length, or a short one');
  const { name, octets } = hashByHmacOid(scheme.oid);
  checkLength(digest, octets);
  work.charge(pbkdf2Rounds(pbkdf2, keyLength));
  return {
    verify(content, passphrase) {
      const key = derivePbkdf2Key(pbkdf2, passphrase.utf8, keyLength);
      return timingSafeEqual(createHmac(name, key).update(content).digest(), digest) ? passphrase : null;
    },
  };
}

function checkLength(digest: Buffer, octets: number): void {
  if (digest.length !== octets) throw new DerError('a MAC of the wrong length');
}
