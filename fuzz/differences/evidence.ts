import { type DerNode, readTree, sitesOf } from '../mutations/der-tree.ts';

/**
 * What an input itself shows of the reason that we give for refusing it. It is read by the mutations' reader, which shares nothing with
 * the code under test; of what that can't read, or where it finds another structure, nothing is known, and the reason is believed.
 */

const INTEGER = 0x02;
const VERSION = 0xa0;
const VALIDITY = 3;
/** A version and eight numbers. */
const RSA_MEMBERS = 9;

/** A Time of a certificate's validity is not what RFC 5280 §4.1.2.5 asks for, or on no calendar. */
export function showsOddTime(der: Buffer): boolean {
  const root = readTree(der);
  const times = root === null ? null : membersOf(root)?.[VALIDITY]?.children;
  return times?.length !== 2 || times.some((time) => !isSoundTime(time));
}

function isSoundTime({ identifier, content }: DerNode): boolean {
  const text = content.toString('latin1');
  const isUtc = identifier.equals(Buffer.of(0x17)) && /^\d{12}Z$/.test(text);
  const isGeneralized = identifier.equals(Buffer.of(0x18)) && /^\d{14}Z$/.test(text);
  if (!isUtc && !isGeneralized) return false;
  const full = isUtc ? (text < '50' ? '20' : '19') + text : text;
  const iso = full.replace(/^(....)(..)(..)(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6.000Z');
  const date = new Date(iso);
  return !full.startsWith('0000') && !Number.isNaN(date.getTime()) && date.toISOString() === iso;
}

/**
 * An INTEGER of a certificate is padded or empty; or it is negative or has several octets and is not the serial number, which may be
 * both.
 */
export function showsOddInteger(der: Buffer): boolean {
  const root = readTree(der);
  const serialNumber = root === null ? undefined : membersOf(root)?.[0];
  if (root === null || serialNumber === undefined) return true;
  return sitesOf(root)
    .filter(({ node }) => node.identifier.equals(Buffer.of(INTEGER)))
    .some(({ node }) => isPadded(node.content) || (node !== serialNumber && !isSmall(node.content)));
}

function isPadded(content: Buffer): boolean {
  const [first, second = 0] = content;
  return first === undefined || (content.length > 1 && first === (second < 0x80 ? 0x00 : 0xff));
}

function isSmall(content: Buffer): boolean {
  return content.length === 1 && content.readUInt8(0) < 0x80;
}

/** The numbers of an RSA key do not fit each other (RFC 8017 §3.2). Whether its factors are prime is not asked. */
export function showsUnfitRsaNumbers(der: Buffer): boolean {
  const root = readTree(der);
  const [members] = (root === null ? [] : sitesOf(root))
    .map(({ node }) => node.children ?? [])
    .filter((children) => children.length === RSA_MEMBERS && children.every(isNonNegative));
  const [, n = 0n, e = 0n, d = 0n, p = 0n, q = 0n, dp = 0n, dq = 0n, qi = 0n] = (members ?? []).map(({ content }) =>
    BigInt(`0x${content.toString('hex')}`),
  );
  if (p < 3n || q < 3n || e < 3n || p * q !== n) return true;
  const fit = (e * dp) % (p - 1n) === 1n && (e * dq) % (q - 1n) === 1n && (q * qi) % p === 1n && qi < p;
  return !fit || dp !== d % (p - 1n) || dq !== d % (q - 1n) || e % 2n === 0n;
}

function isNonNegative({ identifier, content }: DerNode): boolean {
  return identifier.equals(Buffer.of(INTEGER)) && content.length > 0 && content.readUInt8(0) < 0x80;
}

/** The members of TBSCertificate from the serial number on. */
function membersOf(root: DerNode): DerNode[] | null {
  const members = root.children?.[0]?.children ?? null;
  return members?.[0]?.identifier.equals(Buffer.of(VERSION)) ? members.slice(1) : members;
}
