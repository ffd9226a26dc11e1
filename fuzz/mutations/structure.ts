import type { Corpus } from '../corpus/corpus.ts';
import { type Seed, wrap } from '../corpus/seed.ts';
import type { Random } from '../random.ts';
import { copyTree, type DerNode, encodeTree, leaf, readTree, type Site, sitesOf } from './der-tree.ts';
import { countEdits, type Mutation } from './mutation.ts';
import { oddBoolean, oddInteger, oddObjectIdentifier, oddString, oddTime, STRING_TAGS } from './values.ts';

interface Edit {
  readonly name: string;
  readonly weight: number;
  /** Whether it can be made there. */
  fits(site: Site): boolean;
  make(site: Site, random: Random, other: () => DerNode | null): void;
}

const TAGS = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x17, 0x18, 0x30, 0x31, 0x80, 0x82, 0xa0, 0xa1, 0xa3];
const LONG_TAGS = ['1f1f', '3f8101', 'bf1f', '1f05', '9f8001', '1f8f8f8f8f7f'].map((digits) =>
  Buffer.from(digits, 'hex'),
);

const anywhere = (): boolean => true;
const amongOthers = ({ siblings }: Site): boolean => siblings !== null;
const isLeaf = ({ node }: Site): boolean => node.children === null;
const hasTag =
  (...tags: number[]) =>
  ({ node }: Site): boolean =>
    node.identifier.length === 1 && tags.includes(node.identifier.readUInt8(0));

/** Edits of one element; the lengths around it follow. */
const EDITS: readonly Edit[] = [
  {
    name: 'a tag changed',
    weight: 3,
    fits: anywhere,
    make: ({ node }, random) => {
      node.identifier = random.chance(0.2) ? random.pick(LONG_TAGS) : Buffer.from([random.pick(TAGS)]);
    },
  },
  {
    name: 'the constructed bit',
    weight: 1,
    fits: anywhere,
    make: ({ node }) => {
      node.identifier = Buffer.from([node.identifier.readUInt8(0) ^ 0x20]);
    },
  },
  {
    name: "a length's form",
    weight: 2,
    fits: anywhere,
    make: ({ node }, random) => {
      node.form = random.pick(['padded', 'indefinite']);
    },
  },
  {
    name: 'an element dropped',
    weight: 4,
    fits: amongOthers,
    make: ({ node, siblings }) => void siblings?.splice(siblings.indexOf(node), 1),
  },
  {
    name: 'an element twice',
    weight: 3,
    fits: amongOthers,
    make: ({ node, siblings }) => void siblings?.splice(siblings.indexOf(node), 0, copyTree(node)),
  },
  { name: 'elements swapped', weight: 3, fits: amongOthers, make: swap },
  {
    name: 'an element nested in itself',
    weight: 1,
    fits: ({ node }) => node.children !== null,
    make: ({ node }, random) => {
      for (let depth = random.pick([1, 2, 70]); depth > 0; depth--) node.children = [{ ...node }];
    },
  },
  {
    name: 'an element put in',
    weight: 2,
    fits: amongOthers,
    make: ({ node, siblings }, random) => {
      const position = siblings?.indexOf(node) ?? 0;
      siblings?.splice(position + random.below(2), 0, leaf(random.pick(TAGS), oddString(random)));
    },
  },
  { name: "another's element in its place", weight: 6, fits: anywhere, make: graft },
  {
    name: 'another string type',
    weight: 6,
    fits: hasTag(...STRING_TAGS),
    make: ({ node }, random) => {
      node.identifier = Buffer.from([random.pick(STRING_TAGS)]);
    },
  },
  {
    name: 'another string',
    weight: 8,
    fits: (site) => isLeaf(site) && hasTag(...STRING_TAGS, 0x81, 0x82, 0x86, 0x87)(site),
    make: ({ node }, random) => {
      node.content = oddString(random);
    },
  },
  {
    name: 'an integer on the edge',
    weight: 5,
    fits: hasTag(0x02),
    make: ({ node }, random) => {
      node.content = oddInteger(random, node.content);
    },
  },
  {
    name: 'another time',
    weight: 5,
    fits: hasTag(0x17, 0x18),
    make: ({ node }, random) => {
      node.content = oddTime(random);
      if (random.chance(0.5)) node.identifier = Buffer.from([node.content.length > 13 ? 0x18 : 0x17]);
    },
  },
  {
    name: 'another object identifier',
    weight: 5,
    fits: hasTag(0x06),
    make: ({ node }, random) => {
      node.content = oddObjectIdentifier(random, node.content);
    },
  },
  {
    name: 'another boolean',
    weight: 1,
    fits: hasTag(0x01),
    make: ({ node }, random) => {
      node.content = oddBoolean(random);
    },
  },
  {
    name: 'octets inside changed',
    weight: 5,
    fits: isLeaf,
    make: ({ node }, random) => {
      node.content = random.octets(random.chance(0.8) ? node.content.length : random.below(40));
    },
  },
];

/** Edits of the DER's tree, encoded again so that the lengths fit. */
export const STRUCTURE_MUTATIONS: readonly Mutation[] = EDITS.map((edit) => ({
  name: edit.name,
  weight: edit.weight,
  apply: (seed, random, corpus) => wrap({ label: seed.label, der: mutate(edit, seed, random, corpus) }),
}));

function mutate(first: Edit, seed: Seed, random: Random, corpus: Corpus): Buffer {
  const root = readTree(seed.der);
  if (root === null) return seed.der;
  const other = (): DerNode | null => readTree(random.pick(corpus[random.chance(0.9) ? seed.kind : 'certificate']).der);
  for (let left = countEdits(random), edit = first; left > 0; left--, edit = random.pickWeighted(EDITS)) {
    const sites = sitesOf(root).filter((site) => edit.fits(site));
    if (sites.length > 0) edit.make(random.pick(sites), random, other);
  }
  return encodeTree(root);
}

function swap({ node, siblings }: Site, random: Random): void {
  if (siblings === null) return;
  const [here, there] = [siblings.indexOf(node), random.below(siblings.length)];
  const neighbour = siblings[there];
  if (neighbour === undefined) return;
  siblings[there] = node;
  siblings[here] = neighbour;
}

/** Mostly one of the same tag, so that it makes sense where it comes to stand. */
function graft({ node }: Site, random: Random, other: () => DerNode | null): void {
  const tree = other();
  if (tree === null) return;
  const sites = sitesOf(tree);
  const alike = sites.filter(({ node: candidate }) => candidate.identifier.equals(node.identifier));
  const source = random.pick(alike.length > 0 && random.chance(0.9) ? alike : sites).node;
  Object.assign(node, copyTree(source));
}
