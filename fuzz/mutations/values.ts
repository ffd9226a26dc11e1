import type { Random } from '../random.ts';

/** Values of each type that are on the edge of what its rules allow, or beyond. */

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
const hex = (digits: string): Buffer => Buffer.from(digits, 'hex');

/** UTF8String to BMPString, then BIT STRING, OCTET STRING and, as no string at all, BOOLEAN. */
export const STRING_TAGS = [0x0c, 0x12, 0x13, 0x14, 0x16, 0x19, 0x1a, 0x1b, 0x1c, 0x1e, 0x03, 0x04, 0x01];

const STRINGS = [
  utf8(''),
  utf8(' '),
  utf8('#hash'),
  utf8(' blank '),
  utf8('a,b+c"d\\e<f>g;h=i'),
  utf8('\0'),
  utf8('line\nfeed'),
  utf8('*.example.com'),
  utf8('Ä Ö ☃ 😀'),
  latin1('Ä Ö'),
  hex('c080'),
  hex('eda080'),
  hex('f4908080'),
  hex('ff'),
  hex('0041'),
  hex('d800'),
  hex('d83dde00'),
  hex('00010000'),
  hex('0000d800'),
  hex('00110000'),
  Buffer.alloc(300, 'x'),
  Buffer.alloc(20_000, 'x'),
];

export function oddString(random: Random): Buffer {
  return random.chance(0.2) ? random.octets(random.below(12)) : random.pick(STRINGS);
}

const INTEGERS = [
  '',
  '00',
  '01',
  '02',
  '03',
  '7f',
  '80',
  'ff',
  '0080',
  '00ff',
  '0001',
  '0000',
  'ff80',
  'ffff',
  '010001',
  '7fffffff',
  '80000000',
  '0080000000',
  '7fffffffffffffff',
  '00ffffffffffffffff',
  '010000000000000000',
].map(hex);

export function oddInteger(random: Random, old: Buffer): Buffer {
  switch (random.below(6)) {
    case 0:
      return Buffer.concat([Buffer.alloc(1, random.pick([0x00, 0xff])), old]);
    case 1:
      return addSmall(old, random.pick([1, -1, 2, -2]));
    case 2:
      return Buffer.alloc(random.pick([8, 20, 21, 64, 512, 2049, 5000]), random.pick([0x55, 0x7f, 0x80]));
    case 3:
      return random.octets(old.length);
    default:
      return random.pick(INTEGERS);
  }
}

const TIMES = [
  '500101000000Z',
  '491231235959Z',
  '000229120000Z',
  '990229120000Z',
  '991301000000Z',
  '990100000000Z',
  '990101240000Z',
  '990101236000Z',
  '990101235960Z',
  '9901010000Z',
  '990101000000+0100',
  '990101000000z',
  '990101000000',
  '19500101000000Z',
  '20500101000000Z',
  '99991231235959Z',
  '00010101000000Z',
  '00000101000000Z',
  '21000229000000Z',
  '20400101000000.5Z',
  '20400101000000+0000',
  '204001010000Z',
  '',
].map(latin1);

export function oddTime(random: Random): Buffer {
  return random.pick(TIMES);
}

const OBJECT_IDENTIFIERS = [
  '',
  '00',
  '80',
  '2a',
  '2b6570',
  '2b6571',
  '2b656e',
  '550403',
  '55042d',
  '550403ff',
  '5504808003',
  '550480',
  '551d11',
  '551d13',
  '2a864886f70d010101',
  '2a864886f70d01010a',
  '2a864886f70d01010b',
  '2a8648ce3d0201',
  '2a8648ce3d030107',
  '2a8648ce380401',
  '2a8648ce3e0201',
  '2a864886f70d010301',
  '2b81040006',
  '2b8104000a',
  '608648016503040311',
  '83ffffffffffffffffffffffffffffffffffff7f',
  `2a${'ff'.repeat(70)}7f`,
  `2a${'01'.repeat(62)}`,
  `2a${'01'.repeat(63)}`,
].map(hex);

export function oddObjectIdentifier(random: Random, old: Buffer): Buffer {
  if (random.chance(0.25) && old.length > 0) {
    const changed = Buffer.from(old);
    changed[old.length - 1] = random.below(256);
    return changed;
  }
  return random.pick(OBJECT_IDENTIFIERS);
}

export function oddBoolean(random: Random): Buffer {
  return random.pick(['', '00', '01', 'ff', 'ffff'].map(hex));
}

function addSmall(octets: Buffer, addend: number): Buffer {
  if (octets.length === 0) return octets;
  const sum = BigInt(`0x${octets.toString('hex')}`) + BigInt(addend);
  return hex(
    BigInt.asUintN(octets.length * 8, sum)
      .toString(16)
      .padStart(octets.length * 2, '0'),
  );
}
