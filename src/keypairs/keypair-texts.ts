import type { Actor, AuditTrail } from '../audit/index.ts';
import { type KeyRing, SealBroken, type SecretPurpose } from '../sealing/index.ts';
import { viewEvent } from './audit-events.ts';
import { HoldsPrivateKey, KeypairNotFound } from './errors.ts';
import type { KeypairId, Placement } from './keypair.ts';
import type { KeypairRepository } from './repository.ts';
import type { StoredText } from './repository-texts.ts';

/** A keypair opened for work inside of this process. */
export interface OpenedKeypair {
  /** PEM. */
  readonly certificate: string;
  /** PEM; null without one. */
  readonly privateKey: string | null;
}

export interface KeypairTextsOptions {
  readonly repository: Pick<KeypairRepository, 'readText' | 'readTexts'>;
  readonly keyRing: Pick<KeyRing, 'open'>;
  readonly trail: Pick<AuditTrail, 'record'>;
}

/** The texts of keypairs, given away and told of, or used here. */
export function keypairTexts({ repository, keyRing, trail }: KeypairTextsOptions) {
  function openText(id: KeypairId, purpose: SecretPurpose, stored: StoredText): string {
    if ('clear' in stored) {
      return stored.clear;
    }
    const identity = { rowId: id, purpose, revision: stored.revision };
    if (stored.sealed === undefined) {
      throw new SealBroken(identity);
    }
    return keyRing.open(identity, stored.sealed);
  }

  /**
   * The stored text, exactly, once it is written down who is about to see it; null where the keypair has none.
   *
   * @param mayViewKey whether the caller may see a text that holds a private key
   */
  async function viewText(
    actor: Actor,
    placement: Placement,
    id: KeypairId,
    purpose: SecretPurpose,
    mayViewKey: boolean,
  ): Promise<string | null> {
    const stored = await repository.readText(placement, id, purpose);
    if (stored === undefined) {
      throw new KeypairNotFound(id);
    }
    const { name, text } = stored;
    if (text?.holdsKey === true && !mayViewKey) {
      throw new HoldsPrivateKey(id);
    }
    const opened = text === null ? null : openText(id, purpose, text);
    const type = purpose === 'private_key' ? 'private_key' : 'certificate';
    await trail.record(viewEvent(type, actor, { id, name, placement }));
    return opened;
  }

  return {
    /**
     * A keypair's texts, of one moment, for work that this process does with them: to sign with its key, to make a file of them. No event tells of it,
     * since nobody sees them by it: whoever gives one away calls `certificateText` or `privateKeyText`.
     *
     * @throws {KeypairNotFound}
     * @throws {SealingError} where a text does not open
     */
    async openForUse(placement: Placement, id: KeypairId): Promise<OpenedKeypair> {
      const stored = await repository.readTexts(placement, id);
      if (stored === undefined) {
        throw new KeypairNotFound(id);
      }
      const { certificate, privateKey } = stored;
      return {
        certificate: certificate === null ? '' : openText(id, 'certificate_data', certificate),
        privateKey: privateKey && openText(id, 'private_key', privateKey),
      };
    },

    /**
     * The certificate as it was stored, once the event of its view is.
     *
     * @param mayViewKey whether the text may be shown where it holds a private key
     * @throws {KeypairNotFound}
     * @throws {HoldsPrivateKey} where it does, and may not
     * @throws {SealingError} where it is sealed and does not open
     * @throws {StoreUnavailable} where the event can't be written
     */
    async certificateText(actor: Actor, placement: Placement, id: KeypairId, mayViewKey: boolean): Promise<string> {
      return (await viewText(actor, placement, id, 'certificate_data', mayViewKey)) ?? '';
    },

    /**
     * The private key as it was stored, once the event of its view is; null without one.
     *
     * @throws {KeypairNotFound}
     * @throws {SealingError} where it does not open
     * @throws {StoreUnavailable} where the event can't be written
     */
    privateKeyText(actor: Actor, placement: Placement, id: KeypairId): Promise<string | null> {
      return viewText(actor, placement, id, 'private_key', true);
    },
  };
}
