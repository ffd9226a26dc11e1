import { createHash, randomFillSync, X509Certificate } from 'node:crypto';
import { content, type DerNode, readDer, TAG } from './der.ts';
import { type FreshPair, publicBits, type Substitution } from './keys.ts';
import { signLike } from './signatures.ts';
import type { FreshText } from './subjects.ts';

/** What changes in every certificate of a recording. */
export interface RenewalRules {
  readonly text: FreshText;
  /** One and the same for all, so that certificates keep their order by expiry. */
  readonly secondsEarlier: number;
}

/** The rules, and the keys of the recording with those that stand in their place. */
export interface Renewal extends RenewalRules {
  readonly pairs: readonly FreshPair[];
}

/** Whether the DER has the form of a certificate or a certificate request: something, an algorithm, a signature. */
export function isSigned(der: Buffer): boolean {
  try {
    const { children } = readDer(der);
    return children.length === 3 && children[1]?.children[0]?.tag === TAG.oid && children[2]?.tag === TAG.bitString;
  } catch {
    return false;
  }
}

/** Makes a certificate (or request) with another key, serial number, subject, issuer and validity, as long as the recorded one. */
export function renewSigned(recorded: Buffer, renewal: Renewal): Buffer {
  const der = Buffer.from(recorded);
  const [body, algorithm, signature] = readDer(der).children;
  const oid = algorithm?.children[0];
  if (body === undefined || oid === undefined || signature === undefined) {
    throw new Error('not signed');
  }
  for (const field of body.children) {
    renewField(der, field, renewal);
  }
  for (const pair of renewal.pairs) {
    substitute(der, pair.substitutions);
    substitute(der, [keyIdentifiers(pair)]);
  }
  const message = der.subarray(body.start, body.end);
  const length = signature.end - signature.body - 1;
  signLike(content(der, oid), message, length, signerOf(recorded, renewal.pairs)?.privateKey).copy(
    der,
    signature.body + 1,
  );
  return der;
}

/** Replaces bytes wherever they occur, in place. */
export function substitute(der: Buffer, substitutions: readonly Substitution[]): void {
  for (const { recorded, fresh } of substitutions) {
    for (let at = der.indexOf(recorded); at !== -1; at = der.indexOf(recorded, at + fresh.length)) {
      fresh.copy(der, at);
    }
  }
}

/** The moment that a recorded expiry is moved to, in the same form. */
export function renewExpiry(recorded: string, { secondsEarlier }: RenewalRules): string {
  return new Date(Date.parse(recorded) - secondsEarlier * 1000).toISOString().replace('.000', '');
}

function renewField(der: Buffer, field: DerNode, renewal: Renewal): void {
  const isName = field.tag === TAG.sequence && field.children.every(({ tag }) => tag === TAG.set);
  // A short serial number was chosen for its value: zero, one or negative.
  if (field.tag === TAG.integer && field.end - field.body >= 8) {
    renewSerialNumber(content(der, field));
  } else if (isName) {
    for (const attribute of field.children.flatMap((set) => set.children)) {
      renewAttribute(der, attribute.children[1], renewal.text);
    }
  } else if (field.children.length === 2) {
    for (const time of field.children) {
      renewTime(der, time, renewal);
    }
  }
}

/** Its sign stays, and with it whether its first byte is needed: DER knows one way to write a number. */
function renewSerialNumber(serialNumber: Buffer): void {
  const sign = serialNumber.readUInt8(1) & 0x80;
  randomFillSync(serialNumber, 1);
  serialNumber.writeUInt8((serialNumber.readUInt8(1) & 0x7f) | sign, 1);
}

const BMP_STRING = 0x1e;
/** NumericString to UniversalString; letters and digits of ASCII are single bytes in all but the last ones. */
const ENCODINGS = new Map<number, BufferEncoding>([
  [0x0c, 'utf8'],
  [0x12, 'latin1'],
  [0x13, 'latin1'],
  [0x14, 'latin1'],
  [0x16, 'latin1'],
  [0x1a, 'latin1'],
  [BMP_STRING, 'utf16le'],
]);

function renewAttribute(der: Buffer, value: DerNode | undefined, fresh: FreshText): void {
  const encoding = ENCODINGS.get(value?.tag ?? 0);
  if (value === undefined || encoding === undefined) {
    return;
  }
  const bytes = Buffer.from(content(der, value));
  const swapped = (buffer: Buffer) => (value.tag === BMP_STRING ? buffer.swap16() : buffer);
  swapped(Buffer.from(fresh(swapped(bytes).toString(encoding)), encoding)).copy(der, value.body);
}

function renewTime(der: Buffer, time: DerNode, renewal: Renewal): void {
  const text = content(der, time).toString('latin1');
  const [, year, month, day, hours, minutes, seconds] =
    /^(\d\d|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  if (year === undefined) {
    return;
  }
  // RFC 5280, section 4.1.2.5.1: two digits from 50 on are of the last century.
  const century = year.length === 4 ? '' : Number(year) < 50 ? '20' : '19';
  const moved = renewExpiry(`${century}${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`, renewal);
  der.write(moved.replaceAll(/[-:T]/g, '').slice(century.length), time.body, 'latin1');
}

function keyIdentifiers(pair: FreshPair): Substitution {
  const sha1 = (bytes: Buffer) => createHash('sha1').update(bytes).digest();
  return { recorded: sha1(publicBits(pair.recordedPublicKey)), fresh: sha1(publicBits(pair.privateKey)) };
}

/** Who signed: the pair whose public key verifies a certificate, or the one that a request is for. */
function signerOf(recorded: Buffer, pairs: readonly FreshPair[]): FreshPair | undefined {
  return pairs.find(({ recordedPublicKey }) => {
    try {
      return new X509Certificate(recorded).verify(recordedPublicKey);
    } catch {
      return recorded.includes(publicBits(recordedPublicKey));
    }
  });
}
