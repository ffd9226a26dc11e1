import { createHash } from 'node:crypto';
import { SERVER } from '../../audit/index.ts';
import { KeypairRefused, type Keypairs, type OwnedKeypair, StoreUnavailable } from '../../keypairs/index.ts';
import { type FoundPair, findCertificateFiles } from './certificate-files.ts';
import { eachOf } from './each-of.ts';
import { pairName } from './file-rules.ts';
import type { RefusedFile } from './refused-file.ts';
import { type DiscoveryLog, discoveryReport, isAboutKeyAlone } from './report.ts';

export interface DiscoveryOptions {
  /** Absolute. */
  readonly directory: string;
  readonly keypairs: Pick<Keypairs, 'listOwned' | 'putManaged'>;
  readonly log: DiscoveryLog;
}

/** What a scan came to: of pairs, and under `refused` of pairs and files. */
export interface ScanCounts {
  readonly stored: number;
  readonly unchanged: number;
  readonly refused: number;
}

/** How the rows of what was discovered are called: by this and the name (contract §5). */
export const DISCOVERED = 'goauthentik.io/crypto/discovered/';

const PLACEMENT = { realm: 'authentik', scope: '' } as const;
/** Few: requests want connections too. */
const WRITERS = 2;
/** After so many pairs, whatever else waits has its turn. */
const PAIRS_IN_A_ROW = 50;

/** A pair as it was last seen both in its files and in the store. */
interface Seen {
  readonly digest: string;
  readonly revision: number;
}

/** What is the same for all pairs of a scan. */
interface Scene {
  readonly rows: ReadonlyMap<string, OwnedKeypair>;
  /** What is in the directory, taken over or not: a file that can't be read now has not gone. */
  readonly found: ReadonlySet<string>;
  /** Whether all folders could be looked into: else nothing is known to have gone. */
  readonly isWhole: boolean;
}

/**
 * Takes over what is in a directory (contract §5). What is as it was left is neither parsed nor opened: the revisions of its rows say so.
 * Nothing is removed with its files.
 */
export function discovery({ directory, keypairs, log }: DiscoveryOptions) {
  const seen = new Map<string, Seen>();
  const report = discoveryReport(log);

  async function put(pair: FoundPair, managed: string, { found, isWhole }: Scene) {
    const { name, certificate, privateKey } = pair;
    const wanted = { name, managed, certificate: certificate.text, privateKey: privateKey?.text };
    // Two files of one key are two pairs: only what has left the directory was renamed.
    const predecessors = { prefix: DISCOVERED, isGone: (other: string) => isWhole && !found.has(other) };
    return keypairs.putManaged(SERVER, PLACEMENT, wanted, predecessors);
  }

  async function take(pair: FoundPair, scene: Scene): Promise<keyof ScanCounts> {
    const managed = DISCOVERED + pair.name;
    const digest = digestOf(pair);
    const known = seen.get(managed);
    if (known?.digest === digest && known.revision === scene.rows.get(managed)?.revision) {
      return 'unchanged';
    }
    return storeAs(managed, pair, digest, scene).catch(async (error: unknown): Promise<'refused'> => {
      if (error instanceof StoreUnavailable) {
        throw error;
      }
      report.failure(pair, digest, error);
      if (error instanceof KeypairRefused && isAboutKeyAlone(error)) {
        // As the original passes over the file, and not over its neighbour.
        await take({ name: pair.name, certificate: pair.certificate }, scene);
      }
      return 'refused';
    });
  }

  async function storeAs(managed: string, pair: FoundPair, digest: string, scene: Scene): Promise<keyof ScanCounts> {
    const result = await put(pair, managed, scene);
    if (result.outcome === 'misfit') {
      report.misfit(pair, digest);
      return 'refused';
    }
    seen.set(managed, { digest, revision: result.revision });
    if (result.outcome === 'unchanged') {
      return 'unchanged';
    }
    report.stored(pair, result.outcome);
    return 'stored';
  }

  return {
    /**
     * Looks through the directory once, and stores what is new or another.
     *
     * @param signal breaks it off between two pairs
     * @throws {DirectoryUnreadable}
     * @throws {StoreUnavailable}
     */
    async scan(signal: AbortSignal): Promise<ScanCounts> {
      const { pairs, refused, isWhole } = await findCertificateFiles(directory);
      const rows = await keypairs.listOwned(PLACEMENT, DISCOVERED);
      const found = new Set([...pairs.map(({ name }) => name), ...namesOf(refused)].map((name) => DISCOVERED + name));
      const scene = { rows: new Map(rows.map((row) => [row.managed, row])), found, isWhole };
      const counts = { stored: 0, unchanged: 0, refused: report.files(refused) };
      let taken = 0;
      await eachOf(pairs, WRITERS, async (pair) => {
        signal.throwIfAborted();
        counts[await take(pair, scene)]++;
        if (++taken % PAIRS_IN_A_ROW === 0) {
          await new Promise(setImmediate);
        }
      });
      for (const managed of seen.keys()) {
        if (!found.has(managed)) {
          seen.delete(managed);
        }
      }
      report.endScan();
      return counts;
    },
  };
}

/** Whose files are there, although they are refused. */
function namesOf(refused: readonly RefusedFile[]): string[] {
  return refused.filter(({ code }) => code !== 'KEY_ALONE').map(({ path }) => pairName(path));
}

/** Of the lengths too: where one text ends and the other begins is part of what it says. */
function digestOf({ certificate, privateKey }: FoundPair): string {
  const hash = createHash('sha256').update(`${certificate.text.length} ${privateKey?.text.length} `);
  return hash
    .update(certificate.text)
    .update(privateKey?.text ?? '')
    .digest('base64');
}
