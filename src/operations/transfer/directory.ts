import { extname, join } from 'node:path';
import type { PassphraseWork, Placement } from '../../keypairs/index.ts';
import { type FoundPair, findCertificateFiles } from '../discovery/certificate-files.ts';
import { readText } from '../discovery/read-text.ts';
import { DirectoryUnreadable, type RefusedFile } from '../discovery/refused-file.ts';
import { MANIFEST, type Manifest, type ManifestEntry, openManifest } from './manifest.ts';
import type { PairSource, PairSources, PairToImport } from './pair-source.ts';
import { pkcs12File } from './pkcs12-file.ts';
import { TransferFailed, TransferRefused } from './refusal.ts';

export interface Directory extends PairSources {
  /** Where the pairs of an export were; undefined of any other directory. */
  readonly exportedFrom: Placement | undefined;
  /** Files that are refused before anything is asked of a pair. */
  readonly refused: readonly RefusedFile[];
}

export interface DirectoryOptions {
  /** Of one file of PEM. */
  readonly maxBytes: number;
  /** Of all its PKCS#12 files. */
  readonly passphrase: string;
  readonly work: Pick<PassphraseWork, 'run'>;
}

/**
 * The pairs of a directory: of an export those that its manifest lists, under their exact names; of any other, those that discovery would
 * find there (contract §5), and those in files `.p12` and `.pfx`.
 *
 * @throws {TransferFailed} DIRECTORY_UNUSABLE, MANIFEST_UNUSABLE
 */
export async function openDirectory(directory: string, options: DirectoryOptions): Promise<Directory> {
  const manifest = await openManifest(directory);
  if (manifest !== undefined) {
    const sources = exportedSources(directory, manifest, options);
    return { total: manifest.total, sources, exportedFrom: manifest.placement, refused: [] };
  }
  const { pairs, refused } = await find(directory, options);
  const archives = refused.filter(isPkcs12);
  const sources = [
    ...pairs.map(foundSource),
    ...archives.map(({ path }) => pkcs12File({ path, passphrase: options.passphrase }, options.work)),
  ];
  return {
    total: sources.length,
    sources,
    exportedFrom: undefined,
    refused: refused.filter((file) => !isPkcs12(file)),
  };
}

/** Such a file is no text, so that discovery does not take it; it may be larger than a text may. */
function isPkcs12({ path, code }: RefusedFile): boolean {
  const isBinary = code === 'NOT_TEXT' || code === 'NOT_PEM' || code === 'TOO_LARGE';
  return isBinary && ['.p12', '.pfx'].includes(extname(path).toLowerCase());
}

async function find(directory: string, { maxBytes }: DirectoryOptions) {
  try {
    return await findCertificateFiles(directory, { maxBytes });
  } catch (error) {
    throw error instanceof DirectoryUnreadable ? new TransferFailed('DIRECTORY_UNUSABLE', error.message, error) : error;
  }
}

function foundSource({ name, certificate, privateKey }: FoundPair): PairSource {
  const pair = { name, certificate: certificate.text, privateKey: privateKey?.text };
  return { path: certificate.path, read: async () => pair };
}

async function* exportedSources(
  directory: string,
  manifest: Manifest,
  options: DirectoryOptions,
): AsyncGenerator<PairSource> {
  for await (const { line, entry } of manifest.entries()) {
    yield entry === null ? malformed(directory, line) : exportedSource(directory, entry, options);
  }
}

function malformed(directory: string, line: number): PairSource {
  return {
    path: `${join(directory, MANIFEST)}:${line}`,
    async read() {
      throw new TransferRefused('MANIFEST_MALFORMED', 'the line is not as an export writes it');
    },
  };
}

function exportedSource(directory: string, entry: ManifestEntry, options: DirectoryOptions): PairSource {
  const folder = join(directory, entry.folder);
  if ('pkcs12' in entry) {
    const { passphrase, work } = options;
    return pkcs12File({ path: join(folder, entry.pkcs12), passphrase, name: entry.name }, work);
  }
  const { name, certificate, private_key: privateKey } = entry;
  return {
    path: join(folder, certificate),
    read: async (): Promise<PairToImport> => ({
      name,
      certificate: await textOf(join(folder, certificate), options),
      privateKey: privateKey && (await textOf(join(folder, privateKey), options)),
    }),
  };
}

/** @throws {TransferRefused} */
async function textOf(path: string, { maxBytes }: DirectoryOptions): Promise<string> {
  const read = await readText(path, maxBytes);
  if (read === undefined) {
    throw new TransferRefused('FILES_MISSING', `${path} is missing`);
  }
  if ('code' in read) {
    throw new TransferRefused(read.code, `${path}: ${read.reason}`);
  }
  return read.text;
}
