import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonMembers } from '../../src/http/index.ts';

test('the members of an array in their order, however many there are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 350 }), async (count) => {
      const items = Array.from({ length: count }, (_, index) => `${index} ü\u2028`);
      const members = await jsonMembers(items, (item) => [item]);
      expect(JSON.parse(`[${Buffer.concat(members).toString('utf8')}]`)).toEqual(items.map((item) => [item]));
    }),
    { numRuns: 20, examples: [[0], [1], [100], [101], [200]] },
  );
});

test('others get their turn in between', async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 0);
  const seen = new Set<number>();
  await jsonMembers(
    Array.from({ length: 20_000 }, () => ({})),
    (item) => {
      seen.add(turns);
      return item;
    },
  );
  clearInterval(timer);
  expect(seen.size).toBeGreaterThan(1);
});
