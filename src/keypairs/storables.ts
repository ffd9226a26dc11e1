import type { KeyRing } from '../sealing/index.ts';
import type { Chain } from '../x509/index.ts';
import { toColumn } from './chain-column.ts';
import { columnsOf } from './columns.ts';
import type { Draft } from './draft.ts';
import type { KeypairId } from './keypair.ts';
import { foldCase } from './name.ts';
import type { CertificateToStore, PrivateKeyToStore, TextToStore } from './repository-writes.ts';

/** A certificate whose chain was looked at; null where that was refused. */
export type DescribedCertificate = NonNullable<Draft['certificate']> & { readonly chain: Chain | null };

/** What of a keypair is to be another. */
interface Changed {
  readonly name: string | undefined;
  readonly certificate: DescribedCertificate | undefined;
  readonly privateKey: Draft['privateKey'] | undefined;
}

/** Turns what was drafted into what is stored: facts into columns, secrets into sealed records that this revision of this row alone opens. */
export function storables(keyRing: KeyRing) {
  function storableName(name: string) {
    return { text: name, folded: foldCase(name) };
  }

  function storableCertificate(id: KeypairId, revision: number, certificate: DescribedCertificate): CertificateToStore {
    const { facts, chain, holdsKey } = certificate;
    const text: TextToStore = certificate.sealed
      ? { sealed: keyRing.seal({ rowId: id, purpose: 'certificate_data', revision }, certificate.text) }
      : { clear: certificate.text };
    return { text, columns: { ...columnsOf(facts), certificateHoldsKey: holdsKey, chain: chain && toColumn(chain) } };
  }

  function storablePrivateKey(
    id: KeypairId,
    revision: number,
    privateKey: NonNullable<Draft['privateKey']>,
  ): PrivateKeyToStore {
    return {
      sealed: keyRing.seal({ rowId: id, purpose: 'private_key', revision }, privateKey.text),
      type: privateKey.keyType,
      digest: privateKey.publicKeyDigest,
    };
  }

  /** What is absent is absent from the changes too; a key of null removes it. */
  function storableChanges(id: KeypairId, revision: number, { name, certificate, privateKey }: Changed) {
    return {
      ...(name === undefined ? {} : { name: storableName(name) }),
      ...(certificate === undefined ? {} : { certificate: storableCertificate(id, revision, certificate) }),
      ...(privateKey === undefined ? {} : { privateKey: privateKey && storablePrivateKey(id, revision, privateKey) }),
    };
  }

  return { storableName, storableCertificate, storablePrivateKey, storableChanges };
}
