import { randomUUID } from 'node:crypto';
import type { Actor, AuditTrail } from '../audit/index.ts';
import { type KeyRing, SealBroken, type SecretPurpose } from '../sealing/index.ts';
import { viewEvent, writeEvent } from './audit-events.ts';
import type { CertificateView } from './certificate-view.ts';
import type { ChainWork } from './chain-work.ts';
import type { KeypairDescription } from './description.ts';
import { type CompleteDraft, type Draft, type Drafted, draftKeypair, type KeypairFields } from './draft.ts';
import { Abandoned, HoldsPrivateKey, KeypairNotFound, KeypairRefused } from './errors.ts';
import type { GenerationQueue } from './generation-queue.ts';
import type { Keypair, KeypairId, Placement, Realm } from './keypair.ts';
import type { KeypairFilter, Order, Page } from './query.ts';
import type { KeypairRepository, LockedKeypair, ManagedKeypair, ToldChanges } from './repository.ts';
import type { StoredText } from './repository-texts.ts';
import { FIRST_REVISION, type Issuing } from './repository-writes.ts';
import { type DescribedCertificate, storables } from './storables.ts';
import type { Turns } from './turns.ts';

export interface KeypairServiceOptions {
  readonly repository: KeypairRepository;
  readonly keyRing: KeyRing;
  readonly queue: GenerationQueue;
  readonly searches: Turns;
  readonly chains: ChainWork;
  readonly trail: AuditTrail;
}

/** What somebody wants generated, in the profile of whichever API asks. */
export interface Generation {
  readonly name: string;
  readonly issuing?: Issuing;
  /** By what owns it, where that is no client. */
  readonly managed?: string;
  /** Makes the key and a certificate for it, both PEM. Runs when its turn comes, on the threads that are set aside for it. */
  make(): Promise<{ readonly certificate: string; readonly privateKey: string }>;
}

/** A keypair opened for work inside of this process. */
export interface OpenedKeypair {
  /** PEM. */
  readonly certificate: string;
  /** PEM; null without one. */
  readonly privateKey: string | null;
}

/** Signed by no stored CA, and free to leave. */
const ON_ITS_OWN: Issuing = { signerId: null, privateKeyExportable: true };

/** What is asked of a caller whose work has to wait. */
export interface Waiting {
  /** Gives what is aborted when the caller leaves; asked only where there is something to wait for. Without it the caller stays. */
  readonly departure?: () => AbortSignal;
  /** Decides once more, after a wait, whether the caller may, and throws where not. */
  readonly stillMay?: () => Promise<void>;
}

/** What is said of a new keypair beside its draft. */
export interface Storing extends Waiting {
  readonly issuing?: Issuing | undefined;
  /** What owns the row; no client's unless it is given. */
  readonly managed?: string | null | undefined;
}

/** Of a caller who does not leave. */
const staying = () => new AbortController().signal;

export type Keypairs = ReturnType<typeof keypairService>;

/** What can be done with keypairs, whichever API asks. Whether the caller may is the dialect's question to `access/`. */
export function keypairService({ repository, keyRing, queue, searches, chains, trail }: KeypairServiceOptions) {
  const { storableName, storableCertificate, storablePrivateKey } = storables(keyRing);

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

  async function withChain(
    certificate: CompleteDraft['certificate'],
    { departure = staying, stillMay }: Waiting,
  ): Promise<DescribedCertificate> {
    let hasWaited = false;
    const chain = await chains.describe(certificate, () => {
      hasWaited = true;
      return departure();
    });
    if (hasWaited) {
      await stillMay?.();
    }
    return { ...certificate, chain };
  }

  async function draft(placement: Placement, fields: KeypairFields, except?: KeypairId): Promise<Drafted> {
    return draftKeypair(repository, placement, fields, except);
  }

  async function create(
    actor: Actor,
    placement: Placement,
    draft: CompleteDraft,
    { issuing = ON_ITS_OWN, managed = null, ...waiting }: Storing = {},
  ): Promise<Keypair> {
    const id = randomUUID() as KeypairId;
    const { name, privateKey } = draft;
    const certificate = await withChain(draft.certificate, waiting);
    const { fingerprintSha256, fingerprintSha1, notAfter, subject, keyType } = certificate.facts;
    await keyRing.whileSealing(() => {
      const keypair = {
        id,
        placement,
        createdBy: actor.id,
        name: storableName(name),
        certificate: storableCertificate(id, FIRST_REVISION, certificate),
        privateKey: privateKey ? storablePrivateKey(id, FIRST_REVISION, privateKey) : null,
        issuing,
        managed,
      };
      const event = writeEvent('model_created', actor, { id, name, placement }, issuing.signerId);
      return repository.insert(keypair, trail.prepare(event));
    });
    return {
      id,
      name,
      managed,
      fingerprintSha256,
      fingerprintSha1,
      notAfter,
      subject,
      keyType,
      hasPrivateKey: Boolean(privateKey),
      privateKeyType: privateKey?.keyType ?? null,
    };
  }

  return {
    get,

    /** Whether any keypair passes the filter. */
    exists(placement: Placement, filter: KeypairFilter): Promise<boolean> {
      return repository.exists(placement, filter);
    },

    /**
     * All that is stored of a keypair but its texts.
     *
     * @throws {KeypairNotFound}
     */
    async describe(placement: Placement, id: KeypairId): Promise<KeypairDescription> {
      const description = await repository.describe(placement, id);
      if (description === undefined) {
        throw new KeypairNotFound(id);
      }
      return description;
    },

    /**
     * One page and the number of all that match. A search waits for its turn; what is no search never does.
     *
     * @param departure gives what is aborted when the caller leaves, where it has to wait; without it the caller stays
     * @throws {Abandoned} where the caller left before its turn
     */
    list(placement: Placement, filter: KeypairFilter, orders: readonly Order[], page: Page, departure = staying) {
      const read = () => repository.list(placement, filter, orders, page);
      return filter.search === undefined ? read() : searches.run(read, departure());
    },

    /** As `list`, of all that is shown of certificates, their texts too. For APIs whose lists show them. */
    listCertificates(placement: Placement, filter: KeypairFilter, orders: readonly Order[], page: Page) {
      return repository.listCertificates(placement, filter, orders, page);
    },

    /**
     * All that is shown of one certificate.
     *
     * @throws {KeypairNotFound}
     */
    async viewOf(placement: Placement, id: KeypairId): Promise<CertificateView> {
      const view = await repository.findCertificate(placement, id);
      if (view === undefined) {
        throw new KeypairNotFound(id);
      }
      return view;
    },

    /**
     * In which scopes of a realm keypairs are: for APIs whose paths don't say. Whether the caller may look there is the API's question.
     *
     * @returns by id; those that are not there are missing
     */
    locate(realm: Realm, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
      return repository.locate(realm, ids);
    },

    /** What is managed by one owner in a place, the oldest first, with how old it is by the database's clock, on which all replicas agree. */
    listManaged(placement: Placement, managed: string): Promise<readonly ManagedKeypair[]> {
      return repository.listManaged(placement, managed);
    },

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

    /** Whether viewing the certificate's text is viewing a private key; false where there is no such keypair. */
    certificateHoldsKey(placement: Placement, id: KeypairId): Promise<boolean> {
      return repository.certificateHoldsKey(placement, id);
    },

    /** Examines what is to be stored, all of it; see {@link draftKeypair}. */
    draft,

    /**
     * Stores a new keypair, whole or not at all.
     *
     * @param waiting for a chain of certificates, which is described before it is stored
     * @throws {Abandoned} where the caller left meanwhile
     * @throws {KeypairRefused} NAME_TAKEN, where somebody took the name since it was drafted
     * @throws {SignerGone} where the signer was deleted meanwhile
     */
    create,

    /**
     * Changes a keypair, whole or not at all; what the draft doesn't mention stays.
     *
     * @param waiting as in `create`
     * @throws {Abandoned} where the caller left meanwhile
     * @throws {KeypairNotFound}
     * @throws {KeypairRefused} NAME_TAKEN, where somebody took the name since it was drafted
     */
    async update(
      actor: Actor,
      placement: Placement,
      id: KeypairId,
      draft: Draft,
      waiting: Waiting = {},
    ): Promise<Keypair> {
      const { name, privateKey } = draft;
      // Before the row is locked: it may take seconds.
      const certificate = draft.certificate && (await withChain(draft.certificate, waiting));
      const change = (current: LockedKeypair): ToldChanges => {
        const revision = current.revision + 1;
        const changes = {
          revision,
          updatedBy: actor.id,
          ...(name === undefined ? {} : { name: storableName(name) }),
          ...(certificate === undefined ? {} : { certificate: storableCertificate(id, revision, certificate) }),
          ...(privateKey === undefined
            ? {}
            : { privateKey: privateKey && storablePrivateKey(id, revision, privateKey) }),
        };
        const event = writeEvent('model_updated', actor, { id, name: name ?? current.name, placement });
        return { changes, event: trail.prepare(event) };
      };
      const found = await keyRing.whileSealing(() => repository.update(placement, id, change));
      if (!found) {
        throw new KeypairNotFound(id);
      }
      return get(placement, id);
    },

    /**
     * @throws {KeypairNotFound}
     * @throws {KeypairInUse} where it signed others that are stored
     */
    async remove(actor: Actor, placement: Placement, id: KeypairId): Promise<void> {
      const tell = ({ name }: { name: string }) =>
        trail.prepare(writeEvent('model_deleted', actor, { id, name, placement }));
      if (!(await repository.remove(placement, id, tell))) {
        throw new KeypairNotFound(id);
      }
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

    /**
     * Makes a keypair when its turn comes, and stores it.
     *
     * @param signal aborted when the caller leaves: then nothing is stored, since the caller will ask again under the same name
     * @throws {KeypairRefused} before anything is made, where it could not be stored
     * @throws {Busy} where too many wait already
     * @throws {Abandoned} where the caller left
     * @throws {SignerGone} where the signer was deleted meanwhile
     */
    async generate(actor: Actor, placement: Placement, wanted: Generation, signal: AbortSignal): Promise<Keypair> {
      refuse(await draft(placement, { name: wanted.name }));
      const made = await queue.run(() => wanted.make(), signal);
      if (signal.aborted) {
        throw new Abandoned();
      }
      const drafted = refuse(await draft(placement, { ...made, name: wanted.name }));
      const { issuing, managed } = wanted;
      return create(actor, placement, drafted as CompleteDraft, { departure: () => signal, issuing, managed });
    },
  };
}

function refuse({ draft, problems }: Drafted): Draft {
  if (problems.length > 0) {
    throw new KeypairRefused(problems);
  }
  return draft;
}
