import { wrap } from '../corpus/seed.ts';
import type { Random } from '../random.ts';
import { countEdits, type Mutation } from './mutation.ts';

type Edit = (der: Buffer, random: Random, other: Buffer) => Buffer;

const LONGEST_SLICE = 64;

/** Edits that know nothing of DER. `other` is another seed's. */
const EDITS: Readonly<Record<string, Edit>> = {
  'a bit flipped': (der, random) => {
    const changed = Buffer.from(der);
    const position = random.below(der.length);
    changed[position] = (changed[position] ?? 0) ^ (1 << random.below(8));
    return changed;
  },
  'an octet set': (der, random) => {
    const changed = Buffer.from(der);
    changed[random.below(der.length)] = random.pick([0x00, 0x01, 0x7f, 0x80, 0x81, 0x84, 0xff, random.below(256)]);
    return changed;
  },
  'cut off': (der, random) => der.subarray(0, random.below(der.length)),
  'octets taken out': (der, random) => {
    const [start, length] = slice(der, random);
    return Buffer.concat([der.subarray(0, start), der.subarray(start + length)]);
  },
  'octets put in': (der, random) => {
    const [start] = slice(der, random);
    return Buffer.concat([der.subarray(0, start), random.octets(1 + random.below(8)), der.subarray(start)]);
  },
  'a slice twice': (der, random) => {
    const [start, length] = slice(der, random);
    return Buffer.concat([der.subarray(0, start + length), der.subarray(start)]);
  },
  'octets after the end': (der, random) => Buffer.concat([der, random.octets(1 + random.below(4))]),
  'spliced with another': (der, random, other) => {
    const start = random.below(der.length);
    return Buffer.concat([
      der.subarray(0, start),
      other.subarray(random.chance(0.5) ? start : random.below(other.length)),
    ]);
  },
  "another's slice over it": (der, random, other) => {
    const [start, length] = slice(other, random);
    const changed = Buffer.from(der);
    other.copy(changed, random.below(der.length), start, start + length);
    return changed;
  },
};

const WEIGHTS: Readonly<Record<string, number>> = { 'a bit flipped': 6, 'an octet set': 4 };

/** Bit flips, cuts and splices of the DER, in a sound PEM block. */
export const OCTET_MUTATIONS: readonly Mutation[] = Object.entries(EDITS).map(([name, edit]) => ({
  name,
  weight: WEIGHTS[name] ?? 1,
  apply(seed, random, corpus) {
    let der = seed.der;
    for (let left = countEdits(random); left > 0; left--) {
      der = edit(der, random, random.pick(corpus[seed.kind]).der);
    }
    return wrap({ label: seed.label, der });
  },
}));

function slice(der: Buffer, random: Random): [start: number, length: number] {
  const start = random.below(der.length);
  return [start, 1 + random.below(Math.min(LONGEST_SLICE, der.length - start))];
}
