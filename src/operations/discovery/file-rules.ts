import { basename, dirname } from 'node:path';

/** What certbot, cert-manager and Kubernetes call the halves of every pair: the folder says whose they are. */
const NAMED_BY_FOLDER: ReadonlySet<string> = new Set(['fullchain.pem', 'privkey.pem', 'tls.crt', 'tls.key']);

/** What cert-manager puts beside a pair, and what is no pair of its own. */
const BESIDE_PAIRS: ReadonlySet<string> = new Set(['ca.crt', 'tls-combined.pem', 'key.der']);

/**
 * Whether a file or folder is passed over. What is hidden is: Kubernetes mounts each secret below a dated folder `..2026_…`, a link
 * `..data` to that, and links beside them that bear the names. An archive is: certbot keeps its old pairs there (contract §5).
 *
 * @param path below the directory that is searched
 */
export function isPassedOver(path: string): boolean {
  const file = basename(path);
  return file.startsWith('.') || path.includes('archive') || BESIDE_PAIRS.has(file);
}

/**
 * The name of the pair that a file belongs to: its folder's where the file's says nothing, else its own without the last suffix
 * (contract §5).
 *
 * @param path absolute
 */
export function pairName(path: string): string {
  const file = basename(path);
  return NAMED_BY_FOLDER.has(file) ? basename(dirname(path)) : withoutSuffix(file);
}

/** A dot in front begins no suffix, and one at the end is none. */
function withoutSuffix(file: string): string {
  const dot = file.lastIndexOf('.');
  return dot > 0 && dot < file.length - 1 ? file.slice(0, dot) : file;
}

/** Whether a text is taken for a private key, as the original does; every other is taken for a certificate (contract §5). */
export function isKeyText(text: string): boolean {
  return text.includes('PRIVATE KEY');
}

/** Whether any block of PEM begins in a text (RFC 7468 §2). */
export function looksLikePem(text: string): boolean {
  return text.includes('-----BEGIN ');
}
