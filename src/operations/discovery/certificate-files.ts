import { resolve } from 'node:path';
import { eachOf } from './each-of.ts';
import { looksLikePem, pairName } from './file-rules.ts';
import { byPath, type FoundPair, type NamedFile, pairUp } from './pair-up.ts';
import { type ReadText, readText } from './read-text.ts';
import type { RefusedFile } from './refused-file.ts';
import { walk } from './walk.ts';

export type { CertificateFile, FoundPair } from './pair-up.ts';

export interface FoundFiles {
  /** Each name once, in the order of the certificates' paths. */
  readonly pairs: readonly FoundPair[];
  readonly refused: readonly RefusedFile[];
  /** Whether all folders could be looked into: else what is not found may be there all the same. */
  readonly isWhole: boolean;
}

export interface FindOptions {
  /** Of one file: what a request may bring, too. */
  readonly maxBytes?: number;
}

const MAX_FILE_BYTES = 1024 * 1024;
/** All texts are in memory at once. */
const MAX_ALL_BYTES = 256 * 1024 * 1024;
/** Few: the threads that read are those that make keys. */
const READERS = 4;

/**
 * Finds the certificates and private keys in a directory's tree by contract §5's rules: names come from files or from their folders, a text
 * that says so is a private key, and every other one a certificate. Where several files claim a name, the last path wins; among keys, those
 * beside the certificate come before all others. Waits for no FIFO, follows no link in a circle, and passes over what vanishes meanwhile.
 *
 * @throws {DirectoryUnreadable} where the directory itself can't be listed
 */
export async function findCertificateFiles(
  directory: string,
  { maxBytes = MAX_FILE_BYTES }: FindOptions = {},
): Promise<FoundFiles> {
  const { paths, refused, isWhole } = await walk(resolve(directory));
  const files: NamedFile[] = [];
  const refusals = [...refused];
  let bytes = 0;
  await eachOf(paths, READERS, async (path) => {
    const read = bytes > MAX_ALL_BYTES ? TOO_MANY : withName(path, await readText(path, maxBytes));
    if (read === undefined) {
      return;
    }
    if ('code' in read) {
      refusals.push({ path, ...read });
      return;
    }
    bytes += Buffer.byteLength(read.text);
    files.push({ path, ...read });
  });
  const { pairs, left } = pairUp(files);
  return { pairs, refused: [...refusals, ...left].sort(byPath), isWhole };
}

const TOO_MANY = { code: 'TOO_MANY', reason: `the files before it hold ${MAX_ALL_BYTES} bytes` } as const;

function withName(path: string, read: ReadText) {
  if (read === undefined || 'code' in read) {
    return read;
  }
  if (!looksLikePem(read.text)) {
    return { code: 'NOT_PEM', reason: 'no PEM block begins in it' } as const;
  }
  const name = pairName(path);
  return name === '' ? ({ code: 'NAME_UNUSABLE', reason: 'its folder has no name' } as const) : { ...read, name };
}
