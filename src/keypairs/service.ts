import { randomUUID } from 'node:crypto';
import type { Actor, AuditTrail } from '../audit/index.ts';
import type { KeyRing } from '../sealing/index.ts';
import { writeEvent } from './audit-events.ts';
import type { ChainWork } from './chain-work.ts';
import { type CompleteDraft, type Draft, type Drafted, draftKeypair, type KeypairFields, sound } from './draft.ts';
import { Abandoned, KeypairChanged, KeypairNotFound } from './errors.ts';
import type { GenerationQueue } from './generation-queue.ts';
import type { Keypair, KeypairId, Placement } from './keypair.ts';
import { keypairReads } from './keypair-reads.ts';
import { keypairTexts } from './keypair-texts.ts';
import { managedKeypairs } from './managed.ts';
import type { KeypairRepository, LockedKeypair, ToldChanges } from './repository.ts';
import { FIRST_REVISION, type Issuing } from './repository-writes.ts';
import { type DescribedCertificate, storables } from './storables.ts';
import type { Turns } from './turns.ts';
import { staying, type Waiting } from './waiting.ts';

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

/** Signed by no stored CA, and free to leave. */
const ON_ITS_OWN: Issuing = { signerId: null, privateKeyExportable: true };

/** What is said of a change beside its draft. */
export interface Changing extends Waiting {
  /** What owns the row from now on; who owned it before, unless it is given. */
  readonly managed?: string | undefined;
  /** The row is changed only where it is still at this revision. */
  readonly ifRevision?: number | undefined;
}

/** What is said of a new keypair beside its draft. */
export interface Storing extends Waiting {
  readonly issuing?: Issuing | undefined;
  /** What owns the row; no client's unless it is given. */
  readonly managed?: string | null | undefined;
}

export type Keypairs = ReturnType<typeof keypairService>;

/** What can be done with keypairs, whichever API asks. Whether the caller may is the dialect's question to `access/`. */
export function keypairService({ repository, keyRing, queue, searches, chains, trail }: KeypairServiceOptions) {
  const { storableName, storableCertificate, storablePrivateKey, storableChanges } = storables(keyRing);
  const reads = keypairReads({ repository, searches });
  const texts = keypairTexts({ repository, keyRing, trail });

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

  async function update(
    actor: Actor,
    placement: Placement,
    id: KeypairId,
    { name, privateKey, certificate: drafted }: Draft,
    { managed, ifRevision, ...waiting }: Changing = {},
  ): Promise<Keypair> {
    // Before the row is locked: it may take seconds.
    const certificate = drafted && (await withChain(drafted, waiting));
    const change = (current: LockedKeypair): ToldChanges => {
      if (ifRevision !== undefined && ifRevision !== current.revision) {
        throw new KeypairChanged(id);
      }
      const revision = current.revision + 1;
      const changes = {
        ...storableChanges(id, revision, { name, certificate, privateKey }),
        revision,
        updatedBy: actor.id,
        ...(managed === undefined ? {} : { managed }),
      };
      const event = writeEvent('model_updated', actor, { id, name: name ?? current.name, placement });
      return { changes, event: trail.prepare(event) };
    };
    const found = await keyRing.whileSealing(() => repository.update(placement, id, change));
    if (!found) {
      throw new KeypairNotFound(id);
    }
    return reads.get(placement, id);
  }

  return {
    ...reads,
    ...texts,
    ...managedKeypairs({ repository, draft, create, update, openForUse: texts.openForUse }),

    /** Examines what is to be stored, all of it; see {@link draftKeypair}. */
    draft,

    /**
     * Stores a new keypair, whole or not at all.
     *
     * @param waiting for a chain of certificates, which is described before it is stored
     * @throws {Abandoned} where the caller left meanwhile
     * @throws {KeypairRefused} NAME_TAKEN, where somebody took the name since it was drafted
     * @throws {ManagedTaken} where its owner may have only one, and has it
     * @throws {SignerGone} where the signer was deleted meanwhile
     */
    create,

    /**
     * Changes a keypair, whole or not at all; what the draft doesn't mention stays.
     *
     * @param changing as in `create`
     * @throws {Abandoned} where the caller left meanwhile
     * @throws {KeypairChanged} where a revision is named, and it is at another
     * @throws {KeypairNotFound}
     * @throws {ManagedTaken}
     * @throws {KeypairRefused} NAME_TAKEN, where somebody took the name since it was drafted
     */
    update,

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
     * Makes a keypair when its turn comes, and stores it.
     *
     * @param signal aborted when the caller leaves: then nothing is stored, since the caller will ask again under the same name
     * @throws {KeypairRefused} before anything is made, where it could not be stored
     * @throws {Busy} where too many wait already
     * @throws {ServerEnding} where this process is about to end
     * @throws {Abandoned} where the caller left
     * @throws {SignerGone} where the signer was deleted meanwhile
     */
    async generate(actor: Actor, placement: Placement, wanted: Generation, signal: AbortSignal): Promise<Keypair> {
      sound(await draft(placement, { name: wanted.name }));
      const made = await queue.run(() => wanted.make(), signal);
      if (signal.aborted) {
        throw new Abandoned();
      }
      const drafted = sound(await draft(placement, { ...made, name: wanted.name }));
      const { issuing, managed } = wanted;
      return create(actor, placement, drafted as CompleteDraft, { departure: () => signal, issuing, managed });
    },
  };
}
