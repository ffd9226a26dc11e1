import { DerError, DerLimitError } from '../der/error.ts';
import { BeyondLimits, NotAPkcs12, WrongPassphrase } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { orderByIssuing, readBaggedCertificates } from './chain-order.ts';
import type { ReadPkcs12 } from './content.ts';
import { chooseKey } from './key-choice.ts';
import { encodePassphrase, type Passphrase } from './passphrase.ts';
import { decryptSequence, type Opening } from './password-encryption.ts';
import { type Pfx, readPfx } from './pfx.ts';
import { type Bag, type KeyBag, openKey, readSafeContents } from './safe-contents.ts';
import { WorkBudget } from './work-budget.ts';

/**
 * Reads a PKCS#12 file (RFC 7292), as OpenSSL, Java, Windows, NSS and others write it, encrypted by PBES2 (RFC 8018) or the triple DES
 * and RC2 schemes of RFC 7292 Appendix C, with a MAC of RFC 7292 or RFC 9579 or none. The MAC is verified before anything is decrypted.
 *
 * Of several keys the first that has a certificate is taken, by localKeyID or public key, otherwise the first. The friendly name is
 * the key's, otherwise the first certificate's. Without a key that has a certificate, the file's first certificate comes first.
 *
 * It may take seconds of a processor: run it where that does no harm.
 *
 * @param der the whole file, DER or BER.
 * @param passphrase any Unicode; of the empty one both forms are tried.
 * @returns octets of their own. Neither the key nor the certificates are checked, only that they have the outer form: load them.
 * @throws WrongPassphrase; NotAPkcs12, also for public-key protection and unsupported algorithms; BeyondLimits, before any of the
 * rounds that would be too many is run
 * @example
 * const key = Buffer.from(privateKeyPem.replace(/-----.*-----/g, ''), 'base64');
 * const { der } = loadCertificate(certificatePem);
 * const file = writePkcs12({ privateKey: key, certificates: [der], friendlyName: 'web' }, 'passphrase');
 * const { privateKey, certificates } = readPkcs12(file, 'passphrase');
 * [privateKey.equals(key), certificates[0].equals(der)]; // → [true, true]
 */
export function readPkcs12(der: Buffer, passphrase: string): ReadPkcs12 {
  if (der.length > LIMITS.PKCS12_BYTES) throw new BeyondLimits('PKCS12_BYTES');
  try {
    const opening = { passphrase: encodePassphrase(passphrase), work: new WorkBudget() };
    const pfx = readPfx(der, opening);
    const verified = { ...opening, passphrase: verifyMac(pfx, opening.passphrase) };
    return gatherContent(openSafes(pfx, verified), verified.passphrase);
  } catch (error) {
    if (error instanceof DerLimitError) throw new BeyondLimits(error.limit, error);
    if (error instanceof DerError) throw new NotAPkcs12(error.message, error);
    throw error;
  }
}

function verifyMac({ authenticated, mac }: Pfx, passphrase: Passphrase): Passphrase {
  if (mac === null) return passphrase;
  const verified = mac.verify(authenticated, passphrase);
  if (verified === null) throw new WrongPassphrase('the MAC is another');
  return verified;
}

function openSafes({ safes }: Pfx, opening: Opening): Bag[] {
  return safes.flatMap((safe) =>
    'encryption' in safe ? readSafeContents(decryptSequence(safe, opening.passphrase), opening) : safe,
  );
}

function gatherContent(bags: readonly Bag[], passphrase: Passphrase): ReadPkcs12 {
  const certificates = readBaggedCertificates(bags.filter((bag) => bag.kind === 'certificate'));
  const keys = bags.filter((bag) => bag.kind === 'key');
  const open = keyOpener(passphrase);
  const chosen = chooseKey(keys, certificates, open);
  const leaf = chosen?.certificate ?? certificates[0];
  const ordered = leaf === undefined ? [] : orderByIssuing(certificates, leaf);
  return {
    // Copies: views would keep the whole file alive, and others of its keys with it.
    privateKey: chosen === null ? null : Buffer.from(open(chosen.bag)),
    certificates: ordered.map(({ bag }) => Buffer.from(bag.content)),
    friendlyName: chosen?.bag.attributes.friendlyName ?? leaf?.bag.attributes.friendlyName ?? null,
    keyCount: keys.length,
  };
}

/** Opens each key once at the most, as its rounds are counted once. */
function keyOpener(passphrase: Passphrase): (bag: KeyBag) => Buffer {
  const opened = new Map<KeyBag, Buffer>();
  return (bag) => {
    const key = opened.get(bag) ?? openKey(bag, passphrase);
    opened.set(bag, key);
    return key;
  };
}
