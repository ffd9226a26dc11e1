import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Placement } from '../../keypairs/index.ts';
import { errorCodeOf } from '../discovery/refused-file.ts';
import { TransferFailed } from './refusal.ts';

/** Lists what an export holds: JSON lines, a header and then a line for each pair, so that neither side has it in memory. */
export const MANIFEST = 'certkeep-export.jsonl';

export const CERTIFICATE_FILE = 'fullchain.pem';
export const PRIVATE_KEY_FILE = 'privkey.pem';
export const PKCS12_FILE = 'keypair.p12';

/** A name of 2,048 bytes, each escaped as six characters, and a folder. */
const MAX_LINE = 32_768;

const header = z.object({
  format: z.literal('certkeep-export'),
  version: z.literal(1),
  realm: z.enum(['authentik', 'strata', 'astra']),
  scope: z.string(),
});

/** Beside the manifest, never elsewhere. */
const folder = z.string().regex(/^[A-Za-z0-9_@+,=%~-][A-Za-z0-9_@+,=%~.-]{0,254}$/);

const entry = z.union([
  z.object({
    name: z.string(),
    folder,
    certificate: z.literal(CERTIFICATE_FILE),
    private_key: z.literal(PRIVATE_KEY_FILE).optional(),
  }),
  z.object({ name: z.string(), folder, pkcs12: z.literal(PKCS12_FILE) }),
]);

/** A pair of an export, and its files in its folder. */
export type ManifestEntry = z.output<typeof entry>;

export function headerLine({ realm, scope }: Placement): string {
  return `${JSON.stringify({ format: 'certkeep-export', version: 1, realm, scope } satisfies z.input<typeof header>)}\n`;
}

export function entryLine(pair: ManifestEntry): string {
  return `${JSON.stringify(pair)}\n`;
}

/** A manifest that was looked at. */
export interface Manifest {
  /** Where the pairs were. */
  readonly placement: Placement;
  readonly total: number;
  /** Line by line; null for one that is malformed. */
  entries(): AsyncIterable<{ readonly line: number; readonly entry: ManifestEntry | null }>;
}

/**
 * Opens the manifest of an export, and counts what it lists.
 *
 * @returns undefined where the directory has none, and is no export
 * @throws {TransferFailed} MANIFEST_UNUSABLE where it is of another format or version
 */
export async function openManifest(directory: string): Promise<Manifest | undefined> {
  const path = join(directory, MANIFEST);
  let placement: Placement | undefined;
  let total = -1;
  try {
    for await (const line of linesOf(path)) {
      placement ??= readHeader(line, path);
      total++;
    }
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') {
      return undefined;
    }
    throw error instanceof TransferFailed || errorCodeOf(error) === undefined ? error : unusable(path, error);
  }
  if (placement === undefined) {
    throw unusable(path);
  }
  return { placement, total, entries: () => entriesOf(path) };
}

async function* entriesOf(path: string) {
  let line = 0;
  for await (const text of linesOf(path)) {
    line++;
    if (line > 1) {
      yield { line, entry: read(entry, text) };
    }
  }
}

function readHeader(line: string, path: string): Placement {
  const found = read(header, line);
  if (found === null) {
    throw unusable(path);
  }
  return { realm: found.realm, scope: found.scope };
}

function read<T>(schema: z.ZodType<T>, line: string): T | null {
  try {
    return schema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

function unusable(path: string, cause?: unknown): TransferFailed {
  return new TransferFailed(
    'MANIFEST_UNUSABLE',
    `${path} is not the manifest of an export that this version reads`,
    cause,
  );
}

/** Lines without their ends. One that is too long is given empty: it is malformed. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8')) {
    const lines = (rest + (chunk as string)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.map((line) => (line.length > MAX_LINE ? '' : line));
    // What is kept stays bounded, and too long.
    rest = rest.slice(0, MAX_LINE + 1);
  }
  if (rest !== '') {
    yield rest.length > MAX_LINE ? '' : rest;
  }
}
