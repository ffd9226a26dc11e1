import { readCertificate } from './certificate-structure.ts';
import { DerError } from './der/error.ts';
import { type Budget, fullBudget } from './der/reader.ts';
import { type BaggedCertificate, orderByIssuing } from './pkcs12/chain-order.ts';
import type { LoadedPrivateKey } from './private-key-structure.ts';
import { digestPublicKey } from './public-key-digest.ts';

/**
 * Puts the certificate of a private key first, then its issuer and so on, as far as there are any, then the others in their order. No
 * signature is verified.
 * @param certificates DER; those that can't be read are nobody's, and stay with the others
 * @returns null where none of them is the key's
 * @example
 * const [leaf, ca] = readCertificates(chainPem);
 * const [own] = readCertificates(certificatePem);
 * const ordered = orderForKey([ca, leaf, own], loadPrivateKey(privateKeyPem));
 * ordered[0].equals(own); // → true
 * orderForKey([ca, leaf], loadPrivateKey(privateKeyPem)); // → null
 */
export function orderForKey(
  certificates: readonly Buffer[],
  { publicKeyDigest }: Pick<LoadedPrivateKey, 'publicKeyDigest'>,
): Buffer[] | null {
  // One for all: a megabyte has room for many certificates that are as dear as one may be.
  const budget = fullBudget();
  const read = certificates.map((der) => bagged(der, budget));
  const own = read.find(
    ({ structure }) => structure !== null && digestPublicKey(structure.publicKey) === publicKeyDigest,
  );
  return own === undefined ? null : orderByIssuing(read, own).map(({ bag }) => bag.content);
}

const NO_ATTRIBUTES = { friendlyName: null, localKeyId: null };

function bagged(der: Buffer, budget: Budget): BaggedCertificate {
  return { bag: { kind: 'certificate', content: der, attributes: NO_ATTRIBUTES }, structure: readOrNull(der, budget) };
}

function readOrNull(der: Buffer, budget: Budget): BaggedCertificate['structure'] {
  try {
    return readCertificate(der, budget);
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}
