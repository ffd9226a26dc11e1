import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { mozillaCertificates, pycaVerdicts } from '../../test/x509/support/fixtures.ts';
import { certificateSeeds } from './certificates.ts';
import { keySeeds, makeKeys } from './keys.ts';
import { pkcs12Seeds } from './pkcs12.ts';
import { requestSeeds } from './requests.ts';
import { type Seed, type SeedKind, seedsOf } from './seed.ts';

/** What inputs are made of. */
export interface Corpus extends Readonly<Record<SeedKind, readonly Seed[]>> {
  /** Tells corpora apart: the same seed gives the same run with the same corpus only. Lower-case hex. */
  readonly id: string;
}

const KINDS: readonly SeedKind[] = ['certificate', 'privateKey', 'request', 'pkcs12'];

/** Of Mozilla's roots so many, lest they be most of all certificates. */
const ROOTS = 40;

/** Makes keys and what is made with them, by node:crypto and openssl, and adds what the repository has as fixtures. Takes seconds. */
export function makeCorpus(): Corpus {
  const keys = makeKeys();
  const made = [...certificateSeeds(keys), ...keySeeds(keys), ...requestSeeds(keys), ...pkcs12Seeds()];
  const roots = mozillaCertificates()
    .slice(0, ROOTS)
    .flatMap(({ id, pem }) => seedsOf(`Mozilla ${id}`, pem));
  const loaded = pycaVerdicts().filter(({ accepted }) => accepted);
  const fixtures = loaded.flatMap(({ text }, index) => seedsOf(`fixture ${index}`, text));
  return sorted([...made, ...roots, ...fixtures]);
}

/**
 * The corpus of an earlier run, or a new one that is kept for the next: keys are random, and a run can be had again only with the same.
 *
 * @param path of the file it is kept in
 */
export function keepCorpus(path: string): Corpus {
  if (existsSync(path)) {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as (Omit<Seed, 'der'> & { der: string })[];
    const corpus = sorted(kept.map((seed) => ({ ...seed, der: Buffer.from(seed.der, 'base64') })));
    // One that was made before there were seeds of a kind is made anew.
    if (KINDS.every((kind) => corpus[kind].length > 0)) return corpus;
  }
  const corpus = makeCorpus();
  const seeds = KINDS.flatMap((kind) => corpus[kind]);
  mkdirSync(dirname(path), { recursive: true });
  const text = JSON.stringify(seeds.map((seed) => ({ ...seed, der: seed.der.toString('base64') })));
  writeFileSync(path, text, { mode: 0o600 });
  return corpus;
}

function sorted(seeds: readonly Seed[]): Corpus {
  const of = (wanted: SeedKind): Seed[] => seeds.filter(({ kind }) => kind === wanted);
  const [certificate, privateKey, request, pkcs12] = [of('certificate'), of('privateKey'), of('request'), of('pkcs12')];
  const hash = createHash('sha256');
  for (const { der } of [...certificate, ...privateKey, ...request, ...pkcs12]) hash.update(der);
  return { certificate, privateKey, request, pkcs12, id: hash.digest('hex').slice(0, 12) };
}
