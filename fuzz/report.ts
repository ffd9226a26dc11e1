import type { Findings } from './run.ts';
import { MOST_MILLISECONDS } from './slowest.ts';
import { causeKey, type DifferenceClass, type Share, type Tally } from './tally.ts';
import { TARGETS } from './targets.ts';

/** What a run must show (README.md). */
const LEAST_ACCEPTED = 0.2;
const MOST_HEAP_GROWTH = 10_000_000;
/** A run of so many inputs meets each of the reasons that `RuleBook.metReasons` names. */
const LONG_RUN = 100_000;

const SIDES = { weTake: 'we take, OpenSSL refuses', weRefuse: 'we refuse, OpenSSL takes' } as const;

/** The figures of a run, as text. */
export function describeFindings({ tally, slowest, heapGrowth }: Findings): string {
  return [
    'accepted',
    shareLine('all', tally.total),
    ...[...tally.byTarget, ...tally.byFamily].map(([name, share]) => shareLine(name, share)),
    'refused',
    ...[...tally.refusals].map(([code, count]) => line(code, percent(count, tally.total.total))),
    'slowest, the least of four times',
    ...slowest.timings.map(({ name, input, milliseconds }) =>
      line(`${name}: ${input.mutation}, of ${input.seed}`, `${milliseconds.toFixed(1)} ms`),
    ),
    'heap after collection',
    line('growth', `${(heapGrowth / 1e6).toFixed(1)} MB`),
    'verdicts that differ from OpenSSL’s',
    ...sorted([...tally.differences.values()]).map(differenceLine),
    '',
  ].join('\n');
}

/** What the run shows that it must not, with the input; none where all is well. */
export function findFaults({ tally, slowest, heapGrowth, foreign }: Findings): string[] {
  const accepted = tally.total.accepted / tally.total.total;
  return [
    ...(foreign === null ? [] : [`${String(foreign.error)} was thrown by ${JSON.stringify(foreign.input)}`]),
    ...(foreign === null && accepted < LEAST_ACCEPTED ? [`only ${(accepted * 100).toFixed(1)} % were accepted`] : []),
    ...slowest.timings
      .filter(({ milliseconds }) => milliseconds > MOST_MILLISECONDS)
      .map(({ name, milliseconds, input }) => `${name} took ${milliseconds} ms of ${JSON.stringify(input)}`),
    ...(heapGrowth < MOST_HEAP_GROWTH ? [] : [`the heap grew by ${heapGrowth} bytes`]),
    ...tally.unexplained.map(
      ({ target, difference, first, count }) =>
        `${target}: no rule says why ${SIDES[difference.side]} (${difference.cause}), ${count} times: ${JSON.stringify(first)}`,
    ),
    ...(tally.total.total < LONG_RUN ? [] : missedReasons(tally)),
  ];
}

function missedReasons({ causes }: Tally): string[] {
  return TARGETS.flatMap(({ name, reference }) =>
    (reference?.rules.metReasons ?? [])
      .filter((cause) => !causes.has(causeKey(name, { side: 'weRefuse', cause })))
      .map((cause) => `${name}: nothing that OpenSSL takes was refused by "${cause}": is it still checked?`),
  );
}

function shareLine(name: string, { accepted, total }: Share): string {
  return line(name, `${percent(accepted, total)} of ${total}`);
}

function differenceLine({ target, difference, count }: DifferenceClass): string {
  return `${line(`${target}: ${SIDES[difference.side]}`, String(count))}\n      ${difference.rule ?? `? ${difference.cause}`}`;
}

function sorted(classes: DifferenceClass[]): DifferenceClass[] {
  const key = ({ target, difference }: DifferenceClass): string => target + difference.side;
  return classes.sort((a, b) => key(a).localeCompare(key(b)) || b.count - a.count);
}

function line(name: string, value: string): string {
  return `  ${name.padEnd(70)} ${value.padStart(18)}`;
}

function percent(part: number, whole: number): string {
  return `${((part / whole) * 100).toFixed(1)} %`;
}
