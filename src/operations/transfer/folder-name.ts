import { createHash } from 'node:crypto';

/** File systems take 255 bytes. */
const MAX_LENGTH = 200;

/** What no shell and no file system takes for anything but itself. A dot in front would hide the folder, or lead out of it. */
const PLAIN = /^(?!\.)[A-Za-z0-9_.@+,=-]*$/;
const PLAIN_CHARACTER = /[A-Za-z0-9_.@+,=-]/;

/**
 * The folder of a pair: its name, which percent-decoding gives back, with everything but letters, digits and `_.@+,=-` percent-encoded as UTF-8 (RFC 3986 §2.1). A longer
 * one is cut, and has `~` and a hash behind it: the manifest holds its whole name.
 *
 * @param isTaken whether another pair has a folder that some file systems, which know no case, take for this one
 * @returns ASCII, 1 to 217 characters, nothing that leads anywhere else
 */
export function folderName(name: string, isTaken: (folder: string) => boolean = () => false): string {
  const folder = encode(name);
  return folder === '' || folder.length > MAX_LENGTH || isTaken(folder)
    ? `${cut(folder)}~${createHash('sha256').update(name).digest('hex').slice(0, 16)}`
    : folder;
}

function encode(name: string): string {
  if (PLAIN.test(name)) {
    return name;
  }
  let encoded = '';
  for (const octet of Buffer.from(name, 'utf8')) {
    const character = String.fromCharCode(octet);
    const isPlain = PLAIN_CHARACTER.test(character) && !(encoded === '' && character === '.');
    encoded += isPlain ? character : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** Never within an escape. */
function cut(folder: string): string {
  return folder.slice(0, MAX_LENGTH).replace(/%.?$/, '');
}
