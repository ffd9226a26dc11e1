import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { type Bench, openBench } from './bench.ts';
import { certificates } from './measures/certificates.ts';
import { create } from './measures/create.ts';
import { exactLists } from './measures/exact-lists.ts';
import { generate } from './measures/generate.ts';
import { list } from './measures/list.ts';
import { listSizes } from './measures/list-sizes.ts';
import { memory } from './measures/memory.ts';
import { readsBesideGeneration } from './measures/reads-beside-generation.ts';
import { retrieve } from './measures/retrieve.ts';
import { saturation } from './measures/saturation.ts';
import { starts } from './measures/starts.ts';
import { x509 } from './measures/x509.ts';
import { report } from './report.ts';

/** Measures the server beside bare Fastify routes on the same database, in one run (README.md). */

/** Of the library alone: nothing is started for them. */
const LIBRARY_MEASURES: Readonly<Record<string, (bench: Pick<Bench, 'rounds' | 'report'>) => Promise<void>>> = { x509 };

const MEASURES: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  exact: exactLists,
  list,
  retrieve,
  create,
  certificates,
  reads: readsBesideGeneration,
  saturation,
  generate,
  sizes: listSizes,
  // After all that works the server.
  memory,
  starts,
};

const rounds = Number(process.env['CERTKEEP_BENCH_ROUNDS'] || 5);
const asked = process.argv.slice(2);
const names = [...Object.keys(LIBRARY_MEASURES), ...Object.keys(MEASURES)];
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write(`CERTKEEP_BENCH_ROUNDS is a whole number, 1 or more. Measures: ${names.join(' ')}\n`);
  process.exit(2);
}

const begin = performance.now();
const found = report((text) => process.stdout.write(text));
const isWhole = asked.length === 0;
const isAsked = (name: string): boolean => isWhole || asked.includes(name);
let postgresVersion = 'none';
try {
  for (const [name, measure] of Object.entries(LIBRARY_MEASURES)) {
    if (isAsked(name)) {
      await measure({ rounds, report: found });
    }
  }
  if (Object.keys(MEASURES).some(isAsked)) {
    postgresVersion = await measureServer();
  }
} finally {
  // Also where a measure failed: what was found before it took minutes.
  found.printGoals();
}

const circumstances = {
  date: new Date().toISOString(),
  rounds,
  node: process.version,
  openssl: process.versions.openssl,
  postgresql: postgresVersion,
  cores: availableParallelism(),
  processor: cpus()[0]?.model ?? 'unknown',
  seconds: Math.round((performance.now() - begin) / 1000),
};
process.stdout.write(
  `\n${Object.entries(circumstances)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')}\n`,
);
if (isWhole) {
  const results = { ...circumstances, ...found.toJSON() };
  await writeFile(new URL('results.json', import.meta.url), `${JSON.stringify(results, undefined, 2)}\n`);
}

/** Runs what is asked of the server, and tells PostgreSQL's version. */
async function measureServer(): Promise<string> {
  const bench = await openBench(rounds, found, isWhole);
  try {
    for (const [name, measure] of Object.entries(MEASURES)) {
      if (isAsked(name)) {
        await measure(bench);
      }
    }
    return bench.postgresVersion;
  } finally {
    await bench.close();
  }
}
