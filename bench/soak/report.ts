import type { Tally } from './tally.ts';
import type { Finding, Latency } from './verdict.ts';

const SHOWN_LOG_LINES = 5;

/** What a run found, as text: the latencies, what was done, what went wrong, and last the verdict. */
export function reportOf(
  { counts, declines, errors }: Tally,
  table: Readonly<Record<string, Latency>>,
  findings: readonly Finding[],
  errorLines: readonly string[],
): string {
  const timesOf = (occurrences: ReadonlyMap<string, number>) =>
    [...occurrences].map(([what, times]) => `${times} times ${what}`);
  const rows = Object.entries(table).map(([kind, { count, p50, p95, p99, max }]) =>
    [kind.padEnd(28), ...[count, p50, p95, p99, max].map((figure) => String(figure).padStart(9))].join(''),
  );
  return [
    '',
    `${'ms'.padEnd(28)}${['answers', 'p50', 'p95', 'p99', 'max'].map((title) => title.padStart(9)).join('')}`,
    ...rows,
    '',
    ...timesOf(counts),
    ...timesOf(declines).map((line) => `${line}: declined, 503 with Retry-After`),
    ...timesOf(errors).map((line) => `ERROR ${line}`),
    ...errorLines.slice(0, SHOWN_LOG_LINES).map((line) => `LOG ${line}`),
    '',
    ...findings.map(
      ({ what, wanted, found, met }) => `${met ? 'met   ' : 'MISSED'} ${what}: ${found.toFixed(2)} (wanted ${wanted})`,
    ),
  ].join('\n');
}
