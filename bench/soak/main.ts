import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { PAIRS } from '../client.ts';
import { openClient } from './client.ts';
import { astraJourneys } from './journeys/astra.ts';
import { authentikJourneys } from './journeys/authentik.ts';
import { disturbances } from './journeys/disturbances.ts';
import { expiryJourney } from './journeys/expiry.ts';
import { probingJourneys } from './journeys/probing.ts';
import { strataJourneys } from './journeys/strata.ts';
import { type Journey, pace, repeat } from './pace.ts';
import { reportOf } from './report.ts';
import { type Sample, takeSamples } from './samples.ts';
import { openStage, type Stage } from './stage.ts';
import { openTally, type Tally } from './tally.ts';
import { judge, latencies } from './verdict.ts';

/** Works one server for minutes, and looks whether it holds more and more (README.md). */

/** Requests a second: what counts, and what is tried so that it is reached. */
const LEAST = 100;
const RATE = 120;
const MEGABYTE = 1024 * 1024;
const print = (text: string) => process.stdout.write(`${text}\n`);

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
if (!(minutes >= 1 && minutes <= 600)) {
  process.stderr.write('--minutes takes a number, 1 to 600\n');
  process.exit(2);
}

const stage = await openStage();
try {
  process.exitCode = (await soak(stage, minutes * 60)) ? 0 : 1;
} finally {
  await stage.close();
}

async function soak(stage: Stage, seconds: number): Promise<boolean> {
  const tally = openTally();
  const { samples, lasted } = await load(stage, seconds, tally);
  const errorLines = await stage.errorsInTheLog();
  const findings = judge(tally, samples, { seconds: lasted, rate: LEAST, logged: errorLines.length });
  const table = latencies(tally);
  print(reportOf(tally, table, findings, errorLines));
  const results = {
    date: new Date().toISOString(),
    node: process.version,
    cores: availableParallelism(),
    seconds: lasted,
    findings,
    errors: Object.fromEntries(tally.errors),
    declined: Object.fromEntries(tally.declines),
    counts: Object.fromEntries(tally.counts),
    latencies: table,
    samples,
  };
  await writeFile(new URL('../soak-results.json', import.meta.url), `${JSON.stringify(results, undefined, 2)}\n`);
  return findings.every(({ met }) => met);
}

interface Loaded {
  readonly samples: readonly Sample[];
  /** Seconds, without what was waited for beside the load. */
  readonly lasted: number;
}

/** The mixed load, what disturbs it, and the samples meanwhile. */
async function load(stage: Stage, seconds: number, tally: Tally): Promise<Loaded> {
  const { url, token, pair, receiver } = stage;
  const authorization = `Bearer ${token}`;
  const client = openClient(url, authorization, tally);
  const authentik = authentikJourneys(client, pair);
  const strata = strataJourneys(client, pair, `bootstrap:${token}`);
  const astra = astraJourneys(client, pair, stage.account);
  const { health, scrape } = probingJourneys(client, stage.metricsUrl, tally);
  const { reading, life, generation } = authentik;
  const cycle = [
    ...[reading, life, generation, strata.life, astra.life, reading, authentik.refusals, health],
    ...[reading, life, generation, astra.life, strata.refusals, reading, astra.refusals],
    ...[reading, life, reading, authentik.tokens],
  ];
  const bad = disturbances(url, authorization, { long: stage.long, list: `${PAIRS}?page_size=100` });
  const over = new AbortController();
  const beside = (journey: Journey, everyMs: number) => repeat(journey, everyMs, over.signal, tally);
  const sampling = takeSamples(stage, over.signal, tellSample);
  const disturbing = [
    beside(bad.slowReader, 5000),
    beside(bad.abortedRequest, 1000),
    beside(bad.halfBody, 2000),
    beside(scrape, 5000),
    beside(expiryJourney(client, receiver), 20_000),
  ];
  const begin = performance.now();
  let lasted: number;
  try {
    await pace(cycle, RATE, seconds, tally);
    lasted = (performance.now() - begin) / 1000;
  } finally {
    over.abort();
    await Promise.all(disturbing);
    client.close();
  }
  return { samples: await sampling, lasted };
}

function tellSample({
  seconds,
  heapUsed,
  external,
  rss,
  handles,
  descriptors,
  databaseConnections,
  pairs,
}: Sample): void {
  const inMegabytes = (bytes: number) => `${(bytes / MEGABYTE).toFixed(1)} MB`;
  print(
    `${seconds.toFixed(0).padStart(4)} s  heap ${inMegabytes(heapUsed)}, external ${inMegabytes(external)}, resident ${inMegabytes(rss)}, ` +
      `handles ${handles}, descriptors ${descriptors}, connections to the database ${databaseConnections}, pairs ${pairs}`,
  );
}
