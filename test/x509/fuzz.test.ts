import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Corpus, keepCorpus, makeCorpus } from '../../fuzz/corpus/corpus.ts';
import { compareVerdicts } from '../../fuzz/differences/compare.ts';
import { showsOddInteger, showsOddTime, showsUnfitRsaNumbers } from '../../fuzz/differences/evidence.ts';
import { heapAfterCollection } from '../../fuzz/heap.ts';
import { copyTree, encodeTree, readTree, sitesOf } from '../../fuzz/mutations/der-tree.ts';
import { mutateAny } from '../../fuzz/mutations/mutations.ts';
import { Random } from '../../fuzz/random.ts';
import { describeFindings, findFaults } from '../../fuzz/report.ts';
import { type Case, type Findings, fuzz } from '../../fuzz/run.ts';
import { Slowest } from '../../fuzz/slowest.ts';
import { Tally } from '../../fuzz/tally.ts';
import { TARGETS } from '../../fuzz/targets.ts';
import { NotACertificate } from '../../src/x509/index.ts';
import { certificate, hex, pem, sequence, text, tlv } from './support/der.ts';

const RUNS = 2000;

let corpus: Corpus;
beforeAll(() => {
  corpus = makeCorpus();
});

test('two thousand mutated certificates, keys, requests and PKCS#12 files break no promise: errors, times, heap, verdicts', () => {
  // `npm run fuzz -- --seed N` with the same corpus: what fails here is printed whole.
  const seed = Date.now() % 2 ** 32;
  const findings = fuzz(seed, RUNS, corpus);
  process.stdout.write(`seed ${seed}, runs ${RUNS}\n${describeFindings(findings)}`);

  expect(findFaults(findings)).toEqual([]);
});

test('every function is fuzzed, and takes some of what it gets', () => {
  const { tally } = fuzz(1, 600, corpus);

  for (const { name } of TARGETS) expect(tally.byTarget.get(name)?.accepted).toBeGreaterThan(0);
});

test('a corpus that was kept before there were seeds of a kind is made anew', () => {
  const folder = mkdtempSync(join(tmpdir(), 'certkeep-corpus-'));
  try {
    const path = join(folder, 'corpus.json');
    const old = [...corpus.certificate, ...corpus.privateKey];
    writeFileSync(path, JSON.stringify(old.map((seed) => ({ ...seed, der: seed.der.toString('base64') }))));
    expect(keepCorpus(path).pkcs12.length).toBeGreaterThan(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the same seed gives the same inputs, another seed others', () => {
  const inputs = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 50 }, () => mutateAny(corpus.certificate, random, corpus).text);
  };

  expect(inputs(1)).toEqual(inputs(1));
  expect(inputs(1)).not.toEqual(inputs(2));
});

test('a corpus that is kept is the same in the next run, by its digest too', () => {
  const folder = mkdtempSync(join(tmpdir(), 'certkeep-corpus-'));
  try {
    const path = join(folder, 'corpus.json');
    expect(keepCorpus(path)).toEqual(keepCorpus(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('every seed that is DER is the same after it was taken apart and put together', () => {
  const { certificate: certificates, privateKey: keys, request: requests, pkcs12: files } = corpus;
  const trees = [...certificates, ...keys, ...requests, ...files].map(({ der }) => ({ der, tree: readTree(der) }));
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

  test('a long run that never meets a reason of ours', () => {
    const [silent, met] = [new Tally(), new Tally()];
    const reasons = TARGETS.map(({ name, reference }) => ({ name, causes: reference?.rules.metReasons ?? [] }));
    for (const { name, causes } of reasons) {
      for (const cause of causes) {
        met.add({ ...input, target: name }, null, { side: 'weRefuse', cause, rule: 'a rule' });
      }
    }
    for (const { total } of [silent, met]) Object.assign(total, { accepted: 100_000, total: 100_000 });

    expect(findFaults(findings({ tally: met }))).toEqual([]);
    expect(findFaults(findings({ tally: silent }))).toHaveLength(reasons.flatMap(({ causes }) => causes).length);
    expect(findFaults(findings({ tally: silent }))[0]).toMatch(/^loadCertificate: .*"an? /);
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
    rules: { weTake: [{ cause: /^another block$/, rule: 'a rule' }], weRefuse: [], metReasons: [] },
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

describe('a reason counts only where the DER shows it', () => {
  const time = (tag: number, digits: string) => text(tag, digits);
  const withTimes = (notBefore: Buffer, notAfter: Buffer) => certificate({ notBefore, notAfter });
  const sound = time(0x17, '491231235959Z');

  test.each<[string, Buffer, boolean]>([
    ['two UTCTimes', withTimes(time(0x17, '500101000000Z'), sound), false],
    ['a GeneralizedTime before 2050', withTimes(time(0x18, '19500101000000Z'), sound), false],
    ['the last second there is', withTimes(sound, time(0x18, '99991231235959Z')), false],
    ['no seconds', withTimes(time(0x17, '5001010000Z'), sound), true],
    ['an offset', withTimes(sound, time(0x17, '500101000000+0100')), true],
    ['a day that is not there', withTimes(time(0x18, '21000229000000Z'), sound), true],
    ['the hour 24', withTimes(time(0x17, '500101240000Z'), sound), true],
    ['the year 0', withTimes(sound, time(0x18, '00000101000000Z')), true],
    ['nothing that can be read', hex('30 80'), true],
  ])('times: %s', (_, der, expected) => expect(showsOddTime(der)).toBe(expected));

  test.each<[string, Buffer, boolean]>([
    ['a serial number that is negative', certificate({ serialNumber: hex('02 01 80') }), false],
    ['one of 21 octets', certificate({ serialNumber: tlv(0x02, Buffer.alloc(21, 1)) }), false],
    ['one that is padded', certificate({ serialNumber: hex('02 02 00 01') }), true],
    ['one that is empty', certificate({ serialNumber: hex('02 00') }), true],
    ['a version that is negative', certificate({ version: hex('a0 03 02 01 ff') }), true],
    ['a version of two octets', certificate({ version: hex('a0 04 02 02 01 00') }), true],
  ])('integers: %s', (_, der, expected) => expect(showsOddInteger(der)).toBe(expected));

  test('RSA: of numbers that fit, none, whatever the encoding; of any number that was changed, one', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024, publicExponent: 3 });
    const pkcs1 = privateKey.export({ format: 'der', type: 'pkcs1' });
    const numbers = readTree(pkcs1)?.children ?? [];

    expect(showsUnfitRsaNumbers(pkcs1)).toBe(false);
    expect(showsUnfitRsaNumbers(privateKey.export({ format: 'der', type: 'pkcs8' }))).toBe(false);
    for (let index = 1; index < numbers.length; index++) {
      const members = numbers.map(({ content }, place) => {
        const changed = Buffer.from(content);
        if (place === index) changed.writeUInt8(changed.readUInt8(content.length - 1) ^ 2, content.length - 1);
        return tlv(0x02, changed);
      });
      expect(showsUnfitRsaNumbers(sequence(...members))).toBe(true);
    }
  });
});

test('a rule that wants evidence accounts for a verdict only where the DER has it', () => {
  const reference = (shown: string) => ({
    read: () => undefined,
    canonical: (read: string) => read,
    describe: () => 'certificate',
    rules: {
      weTake: [],
      weRefuse: [{ cause: /reason/, shows: (der: Buffer) => der.toString() === shown, rule: 'a rule' }],
      metReasons: [],
    },
  });
  const refused = pem('CERTIFICATE', Buffer.from('this'));
  const refusal = new NotACertificate('our reason');

  expect(compareVerdicts(reference('this'), refused, refusal)).toMatchObject({ rule: 'a rule' });
  expect(compareVerdicts(reference('that'), refused, refusal)).toMatchObject({ cause: 'our reason', rule: null });
});

test('what is kept is seen in the heap', () => {
  const before = heapAfterCollection();
  const kept = Array.from({ length: 1000 }, (_, index) => new Array(1000).fill(index));

  expect(heapAfterCollection() - before).toBeGreaterThan(kept.length * 1000);
});

/** Uses the processor for so many milliseconds. */
/** By both clocks: the processor's counts the process's other threads too, and can be ahead of the wall's. */
function keepBusy(milliseconds: number): void {
  const begin = process.cpuUsage();
  const start = performance.now();
  for (;;) {
    const { user, system } = process.cpuUsage(begin);
    if (user + system >= milliseconds * 1000 && performance.now() - start >= milliseconds) return;
  }
}
