import { randomBytes } from 'node:crypto';

/** One block of a text, well formed or not. */
export interface PemBlock {
  readonly label: string;
  /** All characters of base64 in it, of either alphabet, in the usual alphabet and without what stands between them. */
  readonly base64: string;
  /** Whether its headers (RFC 1421) say that its bytes are encrypted. */
  readonly isEncrypted: boolean;
}

// A block without an end goes on to the next one, or to the end of the text.
const BLOCK = /(-----BEGIN ([^-]+)-----)(.*?)(?=-----(?:BEGIN|END)|$)/gs;
const HEADERS = /^\s*(?:[\w-]+:.*(?:\r\n|[\r\n]))+/;
// An escape that was taken literally isn't base64, though its letter is.
const CHARACTER = /\\[nrt]|[A-Za-z0-9+/=_-]/g;

/** The blocks of a text, in order. */
export function blocksIn(text: string): PemBlock[] {
  return Array.from(text.matchAll(BLOCK), ([, , label = '', body = '']) => readBlock(label, body));
}

/** Replaces the base64 of each block character by character: line breaks, blanks, headers and all other oddities stay where they are. */
export function replaceBlocks(text: string, fresh: (block: PemBlock) => string): string {
  return text.replaceAll(BLOCK, (_whole, begin: string, label: string, body: string) => {
    const [headers, rest] = splitHeaders(body);
    const characters = fresh(readBlock(label, body))[Symbol.iterator]();
    const replaced = rest.replaceAll(CHARACTER, (character) =>
      character.length > 1 ? character : inAlphabetOf(rest, characters.next().value ?? ''),
    );
    return begin + freshVector(headers) + replaced;
  });
}

function readBlock(label: string, body: string): PemBlock {
  const [headers, rest] = splitHeaders(body);
  const base64 = Array.from(rest.matchAll(CHARACTER), ([character]) => character)
    .filter((character) => character.length === 1)
    .join('')
    .replaceAll('-', '+')
    .replaceAll('_', '/');
  return { label, base64, isEncrypted: /^\s*Proc-Type:.*ENCRYPTED/m.test(headers) };
}

function splitHeaders(body: string): [string, string] {
  const headers = HEADERS.exec(body)?.[0] ?? '';
  return [headers, body.slice(headers.length)];
}

function freshVector(headers: string): string {
  return headers.replace(/(DEK-Info:[^,]*,\s*)([0-9A-F]+)/, (_whole, start: string, vector: string) => {
    return start + randomBytes(vector.length).toString('hex').slice(0, vector.length).toUpperCase();
  });
}

function inAlphabetOf(recorded: string, character: string): string {
  if (!/[-_]/.test(recorded)) {
    return character;
  }
  return character.replace('+', '-').replace('/', '_');
}
