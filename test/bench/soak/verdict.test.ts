import { expect, test } from 'vitest';
import type { Sample } from '../../../bench/soak/samples.ts';
import { openTally } from '../../../bench/soak/tally.ts';
import { judge } from '../../../bench/soak/verdict.ts';

const MEGABYTE = 1024 * 1024;
const MINUTES = 10;

/** What a run misses that made 120 requests a second, with a sample every ten seconds. */
function missed(growing: Partial<Record<keyof Sample, number>>, { declined = 0, failed = 0, logged = 0 } = {}) {
  const tally = openTally();
  for (let request = 0; request < MINUTES * 60 * 120; request++) {
    tally.answered('read', 1);
  }
  Array.from({ length: declined }, () => tally.declined('read'));
  Array.from({ length: failed }, () => tally.failed('read', '500'));
  const samples = Array.from({ length: MINUTES * 6 }, (_, index): Sample => {
    const minutes = index / 6;
    const of = (what: keyof Sample, unit = 1) => 50 * unit + (growing[what] ?? 0) * unit * minutes;
    return {
      seconds: minutes * 60,
      heapUsed: of('heapUsed', MEGABYTE),
      external: of('external', MEGABYTE),
      rss: of('rss', MEGABYTE),
      resources: {},
      handles: of('handles'),
      descriptors: of('descriptors'),
      databaseConnections: of('databaseConnections'),
      pairs: of('pairs'),
    };
  });
  const findings = judge(tally, samples, { seconds: MINUTES * 60, rate: 100, logged });
  return findings.filter(({ met }) => !met).map(({ what }) => what);
}

test('a steady run misses nothing', () => {
  expect(missed({ heapUsed: 0.5 }, { declined: 10 })).toEqual([]);
});

test.each([
  ['heap after collection, MB a minute', missed({ heapUsed: 2 })],
  ['external memory after collection, MB a minute', missed({ external: 2 })],
  ['handles, more at the end', missed({ handles: 1 })],
  ['file descriptors, more at the end', missed({ descriptors: 1 })],
  ['connections to the database, more at the end', missed({ databaseConnections: 1 })],
  ['errors', missed({}, { failed: 1 })],
  ['errors in the log', missed({}, { logged: 1 })],
  ['declined, of a hundred requests', missed({}, { declined: 1000 })],
])('a run with too many of these fails: %s', (what, found) => {
  expect(found).toEqual([what]);
});
