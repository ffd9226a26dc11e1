import { median, quantile } from '../statistics.ts';
import { NOT_BEGUN } from './pace.ts';
import type { Sample } from './samples.ts';
import type { Tally } from './tally.ts';

/** The first of five parts is left out: caches fill, the compiler works. */
const SETTLED_FROM = 0.2;
const MEGABYTE = 1024 * 1024;
/** At each end of what is looked at. */
const SAMPLES_AT_AN_END = 5;
/** Badly behaved clients come and go. */
const HANDLES_MORE = 5;

export interface Finding {
  readonly what: string;
  readonly wanted: string;
  readonly found: number;
  readonly met: boolean;
}

/** The change of a value, in its unit a minute, by least squares. */
export function slopePerMinute(points: readonly { readonly seconds: number; readonly value: number }[]): number {
  const mean = (of: (point: (typeof points)[number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanSeconds, meanValue] = [mean(({ seconds }) => seconds), mean(({ value }) => value)];
  const above = mean(({ seconds, value }) => (seconds - meanSeconds) * (value - meanValue));
  const below = mean(({ seconds }) => (seconds - meanSeconds) ** 2);
  return (above / below) * 60;
}

/**
 * Judges a run.
 *
 * @param seconds how long it took
 * @param rate requests a second that it was to make at the least
 * @param logged errors in the server's log
 */
export function judge(
  tally: Tally,
  samples: readonly Sample[],
  { seconds, rate, logged }: { seconds: number; rate: number; logged: number },
): readonly Finding[] {
  const settled = samples.filter((sample) => sample.seconds >= seconds * SETTLED_FROM);
  const slope = (of: (sample: Sample) => number) =>
    slopePerMinute(settled.map((sample) => ({ seconds: sample.seconds, value: of(sample) / MEGABYTE })));
  const growth = (of: (sample: Sample) => number) =>
    median(settled.slice(-SAMPLES_AT_AN_END).map(of)) - median(settled.slice(0, SAMPLES_AT_AN_END).map(of));
  const atLeast = (what: string, found: number, limit: number) => ({
    what,
    wanted: `>= ${limit}`,
    found,
    met: found >= limit,
  });
  const below = (what: string, found: number, limit: number) => ({
    what,
    wanted: `< ${limit}`,
    found,
    met: found < limit,
  });
  const total = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((sum, count) => sum + count, 0);
  const answered = [...tally.durations.values()].flat().length;
  return [
    atLeast('requests a second', answered / seconds, rate),
    below('journeys not begun', tally.counts.get(NOT_BEGUN) ?? 0, 1),
    below('errors', total(tally.errors), 1),
    below('errors in the log', logged, 1),
    below('declined, of a hundred requests', (100 * total(tally.declines)) / Math.max(answered, 1), 1),
    below(
      'heap after collection, MB a minute',
      slope(({ heapUsed }) => heapUsed),
      1,
    ),
    below(
      'external memory after collection, MB a minute',
      slope(({ external }) => external),
      1,
    ),
    below(
      'handles, more at the end',
      growth(({ handles }) => handles),
      HANDLES_MORE,
    ),
    below(
      'file descriptors, more at the end',
      growth(({ descriptors }) => descriptors),
      HANDLES_MORE,
    ),
    below(
      'connections to the database, more at the end',
      growth(({ databaseConnections }) => databaseConnections),
      2,
    ),
  ];
}

/** How long answers took, in milliseconds. */
export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** By the kind of request, all together last. */
export function latencies(tally: Tally): Readonly<Record<string, Latency>> {
  const all = [...tally.durations.values()].flat();
  const rounded = (value: number) => Math.round(value * 10) / 10;
  const rows = [...tally.durations, ['all', all] as const].map(([kind, durations]) => [
    kind,
    {
      count: durations.length,
      p50: rounded(quantile(durations, 0.5)),
      p95: rounded(quantile(durations, 0.95)),
      p99: rounded(quantile(durations, 0.99)),
      max: rounded(quantile(durations, 1)),
    },
  ]);
  return Object.fromEntries(rows);
}
