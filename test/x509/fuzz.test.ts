import { beforeAll, describe, expect, test } from 'vitest';
import { type Corpus, makeCorpus } from '../../fuzz/corpus/corpus.ts';
import { compareVerdicts } from '../../fuzz/differences/compare.ts';
import { heapAfterCollection } from '../../fuzz/heap.ts';
import { copyTree, encodeTree, readTree, sitesOf } from '../../fuzz/mutations/der-tree.ts';
import { mutateAny } from '../../fuzz/mutations/mutations.ts';
import { Random } from '../../fuzz/random.ts';
import { describeFindings, findFaults } from '../../fuzz/report.ts';
import { type Case, type Findings, fuzz } from '../../fuzz/run.ts';
import { Slowest } from '../../fuzz/slowest.ts';
import { Tally } from '../../fuzz/tally.ts';
import { NotACertificate } from '../../src/x509/index.ts';

const RUNS = 2000;

let corpus: Corpus;
beforeAll(() => {
  corpus = makeCorpus();
});

test('two thousand mutated certificates and keys break no promise: errors, times, heap, verdicts', () => {
  // `npm run fuzz -- --seed N` with the same corpus: what fails here is printed whole.
  const seed = Date.now() % 2 ** 32;
  const findings = fuzz(seed, RUNS, corpus);
  process.stdout.write(`seed ${seed}, runs ${RUNS}\n${describeFindings(findings)}`);

  expect(findFaults(findings)).toEqual([]);
});

test('the same seed gives the same inputs, another seed others', () => {
  const inputs = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 50 }, () => mutateAny(corpus.certificate, random, corpus).text);
  };

  expect(inputs(1)).toEqual(inputs(1));
  expect(inputs(1)).not.toEqual(inputs(2));
});

test('every seed that is DER is the same after it was taken apart and put together', () => {
  const trees = [...corpus.certificate, ...corpus.privateKey].map(({ der }) => ({ der, tree: readTree(der) }));
  const read = trees.flatMap(({ der, tree }) => (tree === null ? [] : [{ der, tree }]));

  expect(read.length).toBeGreaterThan(trees.length - 10);
  for (const { der, tree } of read) {
    expect(encodeTree(copyTree(tree)).equals(der)).toBe(true);
    expect(sitesOf(tree).length).toBeGreaterThan(1);
  }
});

test('half of the inputs know the structure of DER', () => {
  const random = new Random(1);
  const families = Array.from({ length: RUNS }, () => mutateAny(corpus.privateKey, random, corpus).family);
  const share = families.filter((family) => family === 'structure').length / RUNS;

  expect(share).toBeGreaterThan(0.45);
  expect(share).toBeLessThan(0.55);
});

describe('a fault is one', () => {
  const input: Case = { text: 'the input', family: 'text', mutation: 'any', seed: 'any', run: 1, target: 'any' };
  const findings = (changed: Partial<Findings>): Findings => {
    const tally = new Tally();
    tally.add(input, null, null);
    return { tally, slowest: new Slowest(), foreign: null, heapGrowth: 0, ...changed };
  };
  const slowest = (): Slowest => {
    const slow = new Slowest();
    slow.watch('read', input, () => keepBusy(60));
    return slow;
  };
  const tally = (code: string | null, rule: string | null): Tally => {
    const counted = new Tally();
    counted.add(input, code, { side: 'weTake', cause: 'a new error code', rule });
    return counted;
  };

  test.each<[string, () => Partial<Findings>, RegExp]>([
    [
      'an error that is none of ours',
      () => ({ foreign: { input, error: new TypeError('foreign') } }),
      /foreign.*the input/,
    ],
    ['a call that takes too long each time', () => ({ slowest: slowest() }), /read took.*the input/],
    ['a heap that grows', () => ({ heapGrowth: 10_000_000 }), /grew/],
    ['a verdict that no rule accounts for', () => ({ tally: tally(null, null) }), /a new error code.*the input/],
    ['too few inputs that are accepted', () => ({ tally: tally('NOT_A_CERTIFICATE', 'a rule') }), /0\.0 %/],
  ])('%s', (_, changed, words) => {
    expect(findFaults(findings({}))).toEqual([]);
    expect(findFaults(findings(changed()))).toEqual([expect.stringMatching(words)]);
  });

  test('a call that is slow once is none', () => {
    const slow = new Slowest();
    let milliseconds = 60;
    slow.watch('read', input, () => {
      keepBusy(milliseconds);
      milliseconds = 0;
    });

    expect(findFaults(findings({ slowest: slow }))).toEqual([]);
  });
});

test('verdicts that agree are no difference, and one that differs is put down to the block or to its contents', () => {
  const reference = {
    read: (text: string) => {
      if (!text.startsWith('good')) throw Object.assign(new Error('refused'), { code: 'ERR' });
    },
    canonical: (text: string) => (text.endsWith('block') ? 'good' : 'bad'),
    describe: () => 'certificate',
    rules: { weTake: [{ cause: /^another block$/, rule: 'a rule' }], weRefuse: [] },
  };
  const refusal = new NotACertificate('our reason');

  expect(compareVerdicts(reference, 'good', null)).toBeNull();
  expect(compareVerdicts(reference, 'bad', refusal)).toBeNull();
  expect(compareVerdicts(reference, 'bad block', null)).toEqual({
    side: 'weTake',
    cause: 'another block',
    rule: 'a rule',
  });
  expect(compareVerdicts(reference, 'bad', null)).toEqual({ side: 'weTake', cause: 'certificate: ERR', rule: null });
  expect(compareVerdicts(reference, 'good block', refusal)).toMatchObject({ side: 'weRefuse', cause: 'our reason' });
  expect(compareVerdicts(reference, 'good', refusal)).toMatchObject({ side: 'weRefuse', cause: 'another block' });
});

test('what is kept is seen in the heap', () => {
  const before = heapAfterCollection();
  const kept = Array.from({ length: 1000 }, (_, index) => new Array(1000).fill(index));

  expect(heapAfterCollection() - before).toBeGreaterThan(kept.length * 1000);
});

/** Uses the processor for so many milliseconds. */
function keepBusy(milliseconds: number): void {
  const begin = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(begin);
    if (user + system >= milliseconds * 1000) return;
  }
}
