import type { Actor } from '../audit/index.ts';
import { belongTogether } from '../x509/index.ts';
import { type CompleteDraft, type Draft, type Drafted, type KeypairFields, sound } from './draft.ts';
import { KeypairChanged, KeypairNotFound, KeypairRefused, ManagedTaken } from './errors.ts';
import type { Keypair, KeypairId, Placement } from './keypair.ts';
import type { OpenedKeypair } from './keypair-texts.ts';
import type { KeypairRepository } from './repository.ts';
import type { OwnedKeypair } from './repository-managed.ts';
import { FIRST_REVISION } from './repository-writes.ts';

/** What an owner that is no client keeps, as PEM, byte for byte. */
export interface ManagedPair {
  /** Of a new row. Whoever renames it later has renamed it. */
  readonly name: string;
  /** What its owner calls it, whatever its name is. */
  readonly managed: string;
  readonly certificate: string;
  /** A key that is stored stays where none is given. */
  readonly privateKey?: string | undefined;
}

/** Rows that a pair takes the place of, where it holds their key and is not there under its own name. */
export interface Predecessors {
  /** How their owner's names begin. */
  readonly prefix: string;
  /** Whether the owner no longer has what it called so. */
  isGone(managed: string): boolean;
}

export type PutManaged =
  | { readonly outcome: 'created' | 'updated' | 'unchanged'; readonly revision: number }
  /** The private key, the given one or else the stored one, is not the certificate's; nothing was stored. */
  | { readonly outcome: 'misfit' };

export interface ManagedKeypairsOptions {
  readonly repository: Pick<KeypairRepository, 'listOwned' | 'findOwned' | 'listWithKey'>;
  draft(placement: Placement, fields: KeypairFields): Promise<Drafted>;
  create(actor: Actor, placement: Placement, draft: CompleteDraft, storing: { managed: string }): Promise<Keypair>;
  update(
    actor: Actor,
    placement: Placement,
    id: KeypairId,
    draft: Draft,
    changing: { managed: string; ifRevision: number },
  ): Promise<Keypair>;
  openForUse(placement: Placement, id: KeypairId): Promise<OpenedKeypair>;
}

/** Each time, somebody else has changed what was looked at. */
const ATTEMPTS = 5;

/** Keypairs that the server keeps for an owner that is no client. */
export function managedKeypairs({ repository, draft, create, update, openForUse }: ManagedKeypairsOptions) {
  async function findPredecessor(placement: Placement, key: Draft['privateKey'], predecessors?: Predecessors) {
    if (predecessors === undefined || !key?.publicKeyDigest) {
      return undefined;
    }
    const rows = await repository.listWithKey(placement, predecessors.prefix, key.publicKeyDigest);
    return rows.find(({ managed }) => predecessors.isGone(managed));
  }

  async function add(actor: Actor, placement: Placement, { name, managed }: ManagedPair, pair: ReadPair) {
    if (!fits(pair.certificate, pair.privateKey?.publicKeyDigest)) {
      return MISFIT;
    }
    const named = sound(await draft(placement, { name }));
    await create(actor, placement, { ...named, ...pair } as CompleteDraft, { managed });
    return { outcome: 'created', revision: FIRST_REVISION } as const;
  }

  async function change(actor: Actor, placement: Placement, row: OwnedKeypair, wanted: ManagedPair, pair: ReadPair) {
    const stored = await openForUse(placement, row.id);
    const changed = differences(row, stored, wanted, pair);
    if (changed === undefined) {
      return { outcome: 'unchanged', revision: row.revision } as const;
    }
    if (!fits(pair.certificate, pair.privateKey ? pair.privateKey.publicKeyDigest : row.privateKeyDigest)) {
      return MISFIT;
    }
    await update(actor, placement, row.id, changed, { managed: wanted.managed, ifRevision: row.revision });
    return { outcome: 'updated', revision: row.revision + 1 } as const;
  }

  /** @returns undefined where somebody else was first */
  async function attempt(
    actor: Actor,
    placement: Placement,
    wanted: ManagedPair,
    pair: ReadPair,
    predecessors?: Predecessors,
  ): Promise<PutManaged | undefined> {
    const own = await repository.findOwned(placement, wanted.managed);
    const row = own ?? (await findPredecessor(placement, pair.privateKey, predecessors));
    try {
      return await (row === undefined
        ? add(actor, placement, wanted, pair)
        : change(actor, placement, row, wanted, pair));
    } catch (error) {
      if (isOvertaken(error)) {
        return undefined;
      }
      const isOurs = isNameTaken(error) && (await repository.findOwned(placement, wanted.managed)) !== undefined;
      if (isOurs && own === undefined) {
        return undefined;
      }
      throw error;
    }
  }

  return {
    /** Those whose owner's name begins so, without their texts: whether each is as it was left. */
    listOwned(placement: Placement, prefix: string): Promise<readonly OwnedKeypair[]> {
      return repository.listOwned(placement, prefix);
    },

    /**
     * Stores a managed pair where it is not there, and changes it where it is another; otherwise writes nothing. Never stores a certificate
     * beside a key that is not its own, and never takes a name that somebody else's pair has. Processes that put the same at the same time
     * store it once: whoever comes second looks again.
     *
     * @throws {KeypairRefused} naming what is wrong; NAME_TAKEN: by a pair that is not this one
     * @throws {SealingError} where what is stored does not open
     * @throws {StoreUnavailable}
     */
    async putManaged(
      actor: Actor,
      placement: Placement,
      wanted: ManagedPair,
      predecessors?: Predecessors,
    ): Promise<PutManaged> {
      const { certificate, privateKey } = wanted;
      const pair = sound(await draft(placement, { certificate, privateKey })) as ReadPair;
      for (let attempts = 0; attempts < ATTEMPTS; attempts++) {
        const put = await attempt(actor, placement, wanted, pair, predecessors);
        if (put !== undefined) {
          return put;
        }
      }
      throw new Error(`what is managed as ${wanted.managed} was changed by others each time`);
    },
  };
}

type ReadPair = Pick<CompleteDraft, 'certificate'> & Pick<Draft, 'privateKey'>;

const MISFIT = { outcome: 'misfit' } as const;

/** @param publicKeyDigest of the key; of none, and of one that the runtime can't hold, nothing can be said against it */
function fits(certificate: ReadPair['certificate'], publicKeyDigest: string | null | undefined): boolean {
  return !publicKeyDigest || belongTogether(certificate, { publicKeyDigest });
}

function isNameTaken(error: unknown): boolean {
  return error instanceof KeypairRefused && error.problems.some(({ code }) => code === 'NAME_TAKEN');
}

/** Whether somebody else was first. */
function isOvertaken(error: unknown): boolean {
  return error instanceof KeypairChanged || error instanceof KeypairNotFound || error instanceof ManagedTaken;
}

/** What of a row is to be another; undefined where nothing is. */
function differences(
  row: OwnedKeypair,
  stored: OpenedKeypair,
  { name, managed, certificate, privateKey }: ManagedPair,
  pair: ReadPair,
): Draft | undefined {
  const changed = {
    ...(row.managed === managed ? {} : { name }),
    ...(stored.certificate === certificate ? {} : { certificate: pair.certificate }),
    ...(pair.privateKey && stored.privateKey !== privateKey ? { privateKey: pair.privateKey } : {}),
  };
  return Object.keys(changed).length > 0 ? changed : undefined;
}
