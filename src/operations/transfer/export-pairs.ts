import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Abandoned, KeypairNotFound, type Keypairs, type PairToExport } from '../../keypairs/index.ts';
import { beginExport, claimFolder, releaseFolder, writeFiles } from './export-folder.ts';
import { type ExportTextsOptions, exportTexts, takesKey } from './export-texts.ts';
import { folderName } from './folder-name.ts';
import {
  CERTIFICATE_FILE,
  entryLine,
  MANIFEST,
  type ManifestEntry,
  PKCS12_FILE,
  PRIVATE_KEY_FILE,
} from './manifest.ts';
import { isServersOwn } from './ownership.ts';
import { type RefusalCode, TransferRefused } from './refusal.ts';

/** What became of one pair. */
export type ExportResult = { readonly name: string } & (
  | {
      readonly outcome: 'exported';
      readonly folder: string;
      /** `withheld`: it must never leave. */
      readonly privateKey: 'exported' | 'none' | 'left_out' | 'withheld';
    }
  | { readonly outcome: 'refused'; readonly code: RefusalCode; readonly reason: string }
);

export interface ExportTarget extends ExportTextsOptions {
  readonly keypairs: ExportTextsOptions['keypairs'] & Pick<Keypairs, 'listForExport'>;
  readonly directory: string;
  /** None but these; all without it. */
  readonly names: readonly string[] | undefined;
  /** Whether an earlier export is written over. */
  readonly force: boolean;
}

export interface ExportRun {
  /** Aborted to end after the pair that is being written. */
  readonly signal: AbortSignal;
  /** Told of each, in the order of their names. */
  onResult(result: ExportResult): void;
}

const PAGE = 500;

/**
 * Writes the pairs of a place into a directory, a folder for each, and lists them in its manifest once they stand there whole. The
 * server's own pairs are none of them.
 *
 * @returns whether all had their turn
 * @throws {TransferFailed} where the directory can't be written, or holds an export already
 * @throws {StoreUnavailable}
 */
export async function exportPairs(target: ExportTarget, run: ExportRun): Promise<boolean> {
  const manifest = await beginExport(target.directory, target.placement, target.force);
  try {
    return await exportAll(target, run, manifest);
  } finally {
    await manifest.close();
  }
}

async function exportAll(
  target: ExportTarget,
  { signal, onResult }: ExportRun,
  manifest: FileHandle,
): Promise<boolean> {
  const missing = new Set(target.names);
  /** What is taken, as file systems see it that know no case: a pair may be called like the manifest too. */
  const folders = new Set<string>([MANIFEST]);
  for await (const pair of pairsOf(target)) {
    missing.delete(pair.name);
    const folder = folderName(pair.name, (name) => folders.has(name.toLowerCase()));
    folders.add(folder.toLowerCase());
    const result = signal.aborted ? undefined : await exportOne(target, pair, folder, signal);
    if (result === undefined) {
      return false;
    }
    if (result === 'gone') {
      continue;
    }
    if (result.outcome === 'exported') {
      await manifest.write(entryLine(entryOf(target, result)));
    }
    onResult(result);
  }
  for (const name of missing) {
    onResult({ name, outcome: 'refused', code: 'NOT_FOUND', reason: 'there is no pair of this name' });
  }
  return true;
}

async function* pairsOf({ keypairs, placement, names }: ExportTarget): AsyncGenerator<PairToExport> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: readonly PairToExport[] = await keypairs.listForExport(placement, { after, limit: PAGE, names });
    yield* page.filter(({ managed }) => !isServersOwn(managed));
    after = page.length < PAGE ? undefined : page.at(-1)?.name;
  }
}

/** @returns undefined where it was interrupted */
async function exportOne(
  target: ExportTarget,
  pair: PairToExport,
  folder: string,
  signal: AbortSignal,
): Promise<ExportResult | 'gone' | undefined> {
  const { name } = pair;
  const path = join(target.directory, folder);
  let isClaimed = false;
  try {
    await claimFolder(path, target.force);
    isClaimed = true;
    const files = await exportTexts(target, pair, signal);
    await writeFiles(path, files);
    const isWithKey =
      files.has(PRIVATE_KEY_FILE) || (files.has(PKCS12_FILE) && takesKey(pair, target.certificatesOnly));
    return { name, outcome: 'exported', folder, privateKey: isWithKey ? 'exported' : keyLeftBehind(pair) };
  } catch (error) {
    if (isClaimed) {
      await releaseFolder(path);
    }
    if (error instanceof KeypairNotFound) {
      return 'gone';
    }
    if (signal.aborted && error instanceof Abandoned) {
      return undefined;
    }
    if (!(error instanceof TransferRefused)) {
      throw error;
    }
    return { name, outcome: 'refused', code: error.code, reason: error.message };
  }
}

function keyLeftBehind({ hasPrivateKey, privateKeyExportable }: PairToExport): 'none' | 'left_out' | 'withheld' {
  return !hasPrivateKey ? 'none' : privateKeyExportable ? 'left_out' : 'withheld';
}

function entryOf(
  { format }: ExportTarget,
  { name, folder, privateKey }: Extract<ExportResult, { outcome: 'exported' }>,
): ManifestEntry {
  if (format.name === 'pkcs12') {
    return { name, folder, pkcs12: PKCS12_FILE };
  }
  const key = privateKey === 'exported' ? { private_key: PRIVATE_KEY_FILE } : {};
  return { name, folder, certificate: CERTIFICATE_FILE, ...key } as ManifestEntry;
}
