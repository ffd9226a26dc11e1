import { randomUUID } from 'node:crypto';
import type { Actor } from '../audit/index.ts';
import { type KeyRing, SealBroken, type SecretPurpose } from '../sealing/index.ts';
import { belongTogether, loadCertificate, loadPrivateKey } from '../x509/index.ts';
import { columnsOf } from './columns.ts';
import { type CompleteDraft, type Draft, type Drafted, draftKeypair, type KeypairFields } from './draft.ts';
import { KeypairNotFound } from './errors.ts';
import { type GenerateRequest, generateKeypair } from './generate.ts';
import type { GenerationQueue } from './generation-queue.ts';
import type { Keypair, KeypairId, Placement } from './keypair.ts';
import { foldCase } from './name.ts';
import type { KeypairFilter, Order, Page } from './query.ts';
import type { KeypairRepository, LockedKeypair, StoredText } from './repository.ts';
import { FIRST_REVISION, type KeypairChanges, type TextToStore } from './repository-writes.ts';

export interface KeypairServiceOptions {
  readonly repository: KeypairRepository;
  readonly keyRing: KeyRing;
  readonly queue: GenerationQueue;
  /** The issuer's common name in the certificates that are generated. */
  readonly issuerCommonName: string;
  readonly now: () => Date;
}

export type Keypairs = ReturnType<typeof keypairService>;

/** What can be done with keypairs, whichever API asks. Whether the caller may is the dialect's question to `access/`. */
export function keypairService(options: KeypairServiceOptions) {
  const { repository, keyRing } = options;

  /** @throws {KeypairNotFound} where there is none, or none that passes the filter */
  async function get(placement: Placement, id: KeypairId, filter: KeypairFilter = {}): Promise<Keypair> {
    const keypair = await repository.find(placement, id, filter);
    if (keypair === undefined) {
      throw new KeypairNotFound(id);
    }
    return keypair;
  }

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

  /** The stored text, exactly; null where the keypair has none. */
  async function text(placement: Placement, id: KeypairId, purpose: SecretPurpose): Promise<string | null> {
    const stored = await repository.readText(placement, id, purpose);
    if (stored === undefined) {
      throw new KeypairNotFound(id);
    }
    return stored === null ? null : openText(id, purpose, stored);
  }

  function sealPrivateKey(id: KeypairId, revision: number, key: NonNullable<Draft['privateKey']>) {
    return keyRing.seal({ rowId: id, purpose: 'private_key', revision }, key.text);
  }

  function storableCertificate(id: KeypairId, revision: number, certificate: CompleteDraft['certificate']) {
    const text: TextToStore = certificate.secret
      ? { sealed: keyRing.seal({ rowId: id, purpose: 'certificate_data', revision }, certificate.text) }
      : { clear: certificate.text };
    return { text, columns: columnsOf(certificate.facts) };
  }

  async function create(actor: Actor, placement: Placement, draft: CompleteDraft): Promise<Keypair> {
    const id = randomUUID() as KeypairId;
    const { certificate, privateKey } = draft;
    await repository.insert({
      id,
      placement,
      createdBy: actor.id,
      name: { text: draft.name, folded: foldCase(draft.name) },
      certificate: storableCertificate(id, FIRST_REVISION, certificate),
      privateKey: privateKey
        ? {
            sealed: sealPrivateKey(id, FIRST_REVISION, privateKey),
            type: privateKey.keyType,
            matches: belongTogether(certificate, privateKey),
          }
        : null,
    });
    return {
      id,
      name: draft.name,
      managed: null,
      fingerprintSha256: certificate.facts.fingerprintSha256,
      fingerprintSha1: certificate.facts.fingerprintSha1,
      notAfter: certificate.facts.notAfter,
      subject: certificate.facts.subject,
      keyType: certificate.facts.keyType,
      hasPrivateKey: Boolean(privateKey),
      privateKeyType: privateKey?.keyType ?? null,
    };
  }

  /** Whether certificate and key belong together after a change; undefined where the change touches neither. */
  async function matchesAfter(
    id: KeypairId,
    draft: Draft,
    current: LockedKeypair,
    read: (purpose: SecretPurpose) => Promise<StoredText | null | undefined>,
  ): Promise<boolean | null | undefined> {
    const { certificate, privateKey } = draft;
    if (certificate === undefined && privateKey === undefined) {
      return undefined;
    }
    if (privateKey === null || (privateKey === undefined && !current.hasPrivateKey)) {
      return null;
    }
    const stored = async (purpose: SecretPurpose) => {
      const text = await read(purpose);
      if (text === null || text === undefined) {
        throw new SealBroken({ rowId: id, purpose, revision: current.revision });
      }
      return openText(id, purpose, text);
    };
    return belongTogether(
      certificate ?? loadCertificate(await stored('certificate_data')),
      privateKey ?? loadPrivateKey(await stored('private_key')),
    );
  }

  return {
    get,

    list(placement: Placement, filter: KeypairFilter, orders: readonly Order[], page: Page) {
      return repository.list(placement, filter, orders, page);
    },

    /** Examines what is to be stored, all of it; see {@link draftKeypair}. */
    draft(placement: Placement, fields: KeypairFields, except?: KeypairId): Promise<Drafted> {
      return draftKeypair(repository, placement, fields, except);
    },

    /**
     * Stores a new keypair, whole or not at all.
     *
     * @throws {KeypairRefused} NAME_TAKEN, where somebody took the name since it was drafted
     */
    create,

    /**
     * Changes a keypair, whole or not at all; what the draft doesn't mention stays.
     *
     * @throws {KeypairNotFound}
     * @throws {KeypairRefused} NAME_TAKEN, where somebody took the name since it was drafted
     */
    async update(actor: Actor, placement: Placement, id: KeypairId, draft: Draft): Promise<Keypair> {
      const { name, certificate, privateKey } = draft;
      const found = await repository.update(placement, id, async (current, read) => {
        const revision = current.revision + 1;
        const privateKeyMatches = await matchesAfter(id, draft, current, read);
        const changes: KeypairChanges = {
          revision,
          updatedBy: actor.id,
          ...(name === undefined ? {} : { name: { text: name, folded: foldCase(name) } }),
          ...(certificate === undefined ? {} : { certificate: storableCertificate(id, revision, certificate) }),
          ...(privateKey === undefined
            ? {}
            : {
                privateKey: privateKey && {
                  sealed: sealPrivateKey(id, revision, privateKey),
                  type: privateKey.keyType,
                },
              }),
          ...(privateKeyMatches === undefined ? {} : { privateKeyMatches }),
        };
        return changes;
      });
      if (!found) {
        throw new KeypairNotFound(id);
      }
      return get(placement, id);
    },

    /** @throws {KeypairNotFound} */
    async remove(placement: Placement, id: KeypairId): Promise<void> {
      if (!(await repository.remove(placement, id))) {
        throw new KeypairNotFound(id);
      }
    },

    /**
     * The certificate as it was stored.
     *
     * @throws {KeypairNotFound}
     * @throws {SealingError} where it is sealed and does not open
     */
    async certificateText(placement: Placement, id: KeypairId): Promise<string> {
      return (await text(placement, id, 'certificate_data')) ?? '';
    },

    /**
     * The private key as it was stored; null without one.
     *
     * @throws {KeypairNotFound}
     * @throws {SealingError} where it does not open
     */
    privateKeyText(placement: Placement, id: KeypairId): Promise<string | null> {
      return text(placement, id, 'private_key');
    },

    /**
     * Makes a key and a certificate for it, and stores both; see {@link generateKeypair}.
     *
     * @param signal aborted when the caller leaves; then nothing is stored
     */
    async generate(
      actor: Actor,
      placement: Placement,
      request: GenerateRequest,
      signal: AbortSignal,
    ): Promise<Keypair> {
      return create(actor, placement, await generateKeypair(options, placement, request, signal));
    },
  };
}
