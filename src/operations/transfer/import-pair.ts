import type { Actor } from '../../audit/index.ts';
import {
  type CompleteDraft,
  type Drafted,
  type Keypair,
  KeypairRefused,
  type Keypairs,
  MAX_NAME_BYTES,
  type Placement,
  type Problem,
} from '../../keypairs/index.ts';
import { isDiscovered } from './ownership.ts';
import type { PairToImport } from './pair-source.ts';
import { TransferRefused } from './refusal.ts';

export interface ImportTarget {
  readonly keypairs: Pick<Keypairs, 'list' | 'openForUse' | 'draft' | 'create' | 'update'>;
  readonly actor: Actor;
  readonly placement: Placement;
  /** Undefined where the realm's API asks nothing beyond what all do. */
  readonly realmRules: RealmRules | undefined;
  /** Everything is looked at, and nothing written. */
  readonly dryRun: boolean;
}

/** What one API asks of pairs. */
export interface RealmRules {
  /** Whether another certificate may take a stored one's place: to some APIs that is another pair. */
  readonly replaces: boolean;
  /** What is wrong with a pair, if anything. */
  problemOf(draft: CompleteDraft): string | undefined;
}

export type ImportedAs = 'created' | 'updated' | 'unchanged';

/**
 * Stores a pair under its name, whatever had it: authentik's `import_certificate` (contract §5), with what its API asks of a pair. A key
 * that is stored stays where none comes with the certificate. What is stored already is not written again, and no event tells of it.
 *
 * @throws {TransferRefused} where it can't be stored; nothing was
 */
export async function importPair(target: ImportTarget, pair: PairToImport): Promise<ImportedAs> {
  const { keypairs, placement } = target;
  checkTexts(pair);
  const { name } = pair;
  const { keypairs: found } = await keypairs.list(placement, { name }, [], { limit: 1, offset: 0 });
  const [existing] = found;
  if (existing !== undefined && (await isStored(target, existing, pair))) {
    return 'unchanged';
  }
  refuseExisting(target, existing);
  const draft = complete(await keypairs.draft(placement, { ...pair }, existing?.id));
  const problem = target.realmRules?.problemOf(draft);
  if (problem !== undefined) {
    throw new TransferRefused('REALM_RULE', problem);
  }
  if (!target.dryRun) {
    await write(target, existing, draft);
  }
  return existing === undefined ? 'created' : 'updated';
}

async function write(
  { keypairs, actor, placement }: ImportTarget,
  existing: Keypair | undefined,
  draft: CompleteDraft,
) {
  try {
    await (existing === undefined
      ? keypairs.create(actor, placement, draft)
      : keypairs.update(actor, placement, existing.id, draft));
  } catch (error) {
    throw error instanceof KeypairRefused ? refusalOf(error.problems) : error;
  }
}

/** What no realm stores, before anything is asked of it: PostgreSQL's texts hold no U+0000. */
function checkTexts({ name, certificate, privateKey }: PairToImport): void {
  if (name.trim() === '' || name.includes('\0') || /\p{Surrogate}/u.test(name)) {
    throw new TransferRefused('NAME_UNUSABLE', 'its name is blank, or no text that can be stored');
  }
  if (certificate.includes('\0')) {
    throw new TransferRefused('NOT_A_CERTIFICATE', 'the certificate holds U+0000');
  }
  // '' would take a stored key away, which nobody asks for by naming a file.
  if (privateKey !== undefined && (privateKey.trim() === '' || privateKey.includes('\0'))) {
    throw new TransferRefused('NOT_A_PRIVATE_KEY', 'the private key is empty, or holds U+0000');
  }
}

async function isStored(
  { keypairs, placement }: ImportTarget,
  { id }: Keypair,
  { certificate, privateKey }: PairToImport,
): Promise<boolean> {
  const stored = await keypairs.openForUse(placement, id);
  return stored.certificate === certificate && (privateKey === undefined || stored.privateKey === privateKey);
}

/** @throws {TransferRefused} MANAGED: whoever owns it would write it back; NAME_TAKEN */
function refuseExisting({ realmRules }: ImportTarget, existing: Keypair | undefined): void {
  if (existing === undefined) {
    return;
  }
  if (existing.managed !== null) {
    const owner = isDiscovered(existing.managed) ? 'discovery, from its own files' : 'the server itself';
    throw new TransferRefused('MANAGED', `a pair of this name is kept by ${owner}`);
  }
  if (realmRules?.replaces === false) {
    throw new TransferRefused(
      'NAME_TAKEN',
      'another certificate has this name, and none takes its place in this realm',
    );
  }
}

function complete({ draft, problems }: Drafted): CompleteDraft {
  if (problems.length > 0) {
    throw refusalOf(problems);
  }
  return draft as CompleteDraft;
}

const WORDS: Readonly<Record<Problem['code'], string>> = {
  NAME_TAKEN: 'somebody took the name in this moment',
  NAME_TOO_LONG: `its name has more than ${MAX_NAME_BYTES} bytes`,
  NOT_A_CERTIFICATE: 'the certificate can not be read',
  NOT_A_PRIVATE_KEY: 'the private key can not be read (possibly encrypted?)',
};

function refusalOf(problems: readonly Problem[]): TransferRefused {
  const words = problems.map(({ code, reason }) => (reason === undefined ? WORDS[code] : `${WORDS[code]}: ${reason}`));
  return new TransferRefused(problems[0]?.code ?? 'NOT_A_CERTIFICATE', words.join('; '));
}
