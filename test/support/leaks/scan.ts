import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NEEDLE_LENGTH, RUN } from './needles.ts';

/** What is a secret by its look. */
const PATTERNS: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['private-key block', /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/],
  ['token', /certkeep_[A-Za-z0-9_-]{43}/],
  ['access token', /eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}/],
  ['password of a database', /postgres(?:ql)?:\/\/[^\s:/@"]*:[^\s@/"]+@/],
  ['authorization header', /"authorization":"(?!\[redacted\])/i],
];

/** Something that should be in no log; never the secret itself. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly kind: string;
}

/** Looks for secrets in lines of a log. */
export class LeakScanner {
  readonly #kinds = new Map<string, string>();

  /** @param needle of {@link NEEDLE_LENGTH} characters */
  add(kind: string, needle: string): void {
    this.#kinds.set(needle, kind);
  }

  /** The kind of each secret that a line holds, once each. */
  kindsIn(line: string): ReadonlySet<string> {
    const found = new Set(PATTERNS.filter(([, pattern]) => pattern.test(line)).map(([kind]) => kind));
    for (const [run] of line.matchAll(RUN)) {
      for (let index = 0; index + NEEDLE_LENGTH <= run.length; index++) {
        const kind = this.#kinds.get(run.slice(index, index + NEEDLE_LENGTH));
        if (kind !== undefined) {
          found.add(kind);
        }
      }
    }
    return found;
  }

  /** How many parts of secrets it knows. */
  get size(): number {
    return this.#kinds.size;
  }
}

export interface Scan {
  readonly findings: readonly Finding[];
  readonly lines: number;
  readonly needles: number;
}

/** Looks through all logs of a run. */
export async function scan(directory: string): Promise<Scan> {
  const names = await readdir(directory);
  const scanner = new LeakScanner();
  for (const name of names.filter((each) => each.endsWith('.secrets'))) {
    for (const line of (await readFile(join(directory, name), 'utf8')).trimEnd().split('\n')) {
      const [kind = '', needle = ''] = line.split('\t');
      scanner.add(kind, needle);
    }
  }
  const findings: Finding[] = [];
  let lines = 0;
  for (const name of names.filter((each) => each.endsWith('.log'))) {
    const file = name.replaceAll('~', '/').replace(/\.\d+\.log$/, '');
    let line = 0;
    for await (const text of createInterface({ input: createReadStream(join(directory, name)) })) {
      line++;
      for (const kind of scanner.kindsIn(text)) {
        findings.push({ file, line, kind });
      }
    }
    lines += line;
  }
  return { findings, lines, needles: scanner.size };
}

/**
 * Holds the logs of a run against the secrets of its tests.
 *
 * @throws {Error} that names the test files whose servers logged one, and of which kind
 */
export async function assertNoSecrets(directory: string): Promise<void> {
  const begin = performance.now();
  const { findings, lines, needles } = await scan(directory);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  process.stdout.write(`${lines} lines of logs searched for ${needles} parts of secrets in ${seconds} s\n`);
  if (findings.length > 0) {
    const places = new Set(findings.map(({ file, kind }) => `  ${file}: ${kind}`));
    throw new Error(`secrets in the logs of:\n${[...places].join('\n')}`);
  }
}
