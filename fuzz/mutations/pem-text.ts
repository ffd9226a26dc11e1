import type { Corpus } from '../corpus/corpus.ts';
import { type Seed, wrap } from '../corpus/seed.ts';
import type { Random } from '../random.ts';
import { countEdits, type Mutation } from './mutation.ts';

type Mangle = (text: string, random: Random, corpus: Corpus, seed: Seed) => string;

const LABELS = [
  'CERTIFICATE',
  'X509 CERTIFICATE',
  'TRUSTED CERTIFICATE',
  'CERTIFICATE REQUEST',
  'PKCS7',
  'PRIVATE KEY',
  'ENCRYPTED PRIVATE KEY',
  'RSA PRIVATE KEY',
  'EC PRIVATE KEY',
  'DSA PRIVATE KEY',
  'OPENSSH PRIVATE KEY',
  'PUBLIC KEY',
  'EC PARAMETERS',
  '',
];

const HEADERS = [
  'Comment: fuzz\n\n',
  'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n',
  'Proc-Type: 4,MIC-CLEAR\n\n',
  'no colon\n\n',
  ':\r\n\r\n',
];

const BLANKS = ['\ufeff', '\u00a0', '\u3000', '\u200b', '\t', '\0', '\x1c', ' ', '\r', '\n', '\n\n', '\ud800'];

/** What people and programs do to PEM (contract §1.3), taken and refused. */
const MANGLES: Readonly<Record<string, Mangle>> = {
  CRLF: (text) => text.replaceAll('\n', '\r\n'),
  'CR alone': (text) => text.replaceAll('\n', '\r'),
  'another width': (_, random, __, seed) => wrap(seed, random.pick([1, 3, 48, 63, 65, 76, 100, 1000, 100_000])),
  'one line': (text) => text.replaceAll('\n', ''),
  'lines indented': (text, random) => text.replaceAll('\n', `\n${random.pick([' ', '\t', '    ', '\u00a0'])}`),
  'blanks behind the lines': (text, random) => text.replaceAll('\n', `${random.pick([' ', '\t', '   '])}\n`),
  'a literal \\n': (text) => text.replaceAll('\n', '\\n'),
  'text around it': (text) => `A certificate or key\nfor example.com\n${text}\nand something after it: -----END\n`,
  'a blank anywhere': (text, random) => insert(text, random, random.pick(BLANKS)),
  'blanks in front': (text, random) => random.pick(BLANKS) + text,
  headers: (text, random) => text.replace('-----\n', `-----\n${random.pick(HEADERS)}`),
  'another label': (text, random, _, { label }) => text.replaceAll(` ${label}-`, ` ${random.pick(LABELS)}-`),
  'another label at one end': (text, random, _, { label }) => text.replace(` ${label}-`, ` ${random.pick(LABELS)}-`),
  'no END': (text) => text.replace(/-----END[\s\S]*$/, ''),
  'a dash more or less': (text, random) => (random.chance(0.5) ? text.replace('-----', '------') : text.slice(1)),
  'without padding': (text) => text.replaceAll('=', ''),
  base64url: (text) => text.replaceAll('+', '-').replaceAll('/', '_'),
  'a character replaced': (text, random) => {
    const position = random.below(text.length);
    return text.slice(0, position) + random.pick([...'A/+=-z!\u00e4']) + text.slice(position + 1);
  },
  'a line taken out': (text, random) => {
    const lines = text.split('\n');
    return lines.toSpliced(random.below(lines.length), 1).join('\n');
  },
  'another block behind': (text, random, corpus) => text + wrap(anySeed(random, corpus)),
  'another block in front': (text, random, corpus) => wrap(anySeed(random, corpus)) + text,
  'a block of rubbish': (text, random) => {
    const rubbish = wrap({ label: random.pick(LABELS), der: random.octets(random.below(80)) });
    return random.chance(0.5) ? rubbish + text : text + rubbish;
  },
};

/** Manglings of the PEM around sound DER. */
export const TEXT_MUTATIONS: readonly Mutation[] = Object.entries(MANGLES).map(([name, mangle]) => ({
  name,
  weight: 1,
  apply(seed, random, corpus) {
    const text = mangle(wrap(seed), random, corpus, seed);
    return countEdits(random) === 1 ? text : random.pick(Object.values(MANGLES))(text, random, corpus, seed);
  },
}));

function insert(text: string, random: Random, inserted: string): string {
  const position = random.below(text.length);
  return text.slice(0, position) + inserted + text.slice(position);
}

function anySeed(random: Random, corpus: Corpus): Seed {
  return random.pick(random.chance(0.5) ? corpus.certificate : corpus.privateKey);
}
