import { dirname } from 'node:path';
import { loadCertificate, loadPrivateKey, X509Error } from '../../x509/index.ts';
import { isKeyText } from './file-rules.ts';
import type { RefusedFile } from './refused-file.ts';

export interface CertificateFile {
  /** Absolute. */
  readonly path: string;
  /** The whole of it, untrimmed. */
  readonly text: string;
}

/** A certificate's file, and that of the private key of the same name. Neither has been parsed, and they need not fit together. */
export interface FoundPair {
  readonly name: string;
  readonly certificate: CertificateFile;
  readonly privateKey?: CertificateFile;
}

export interface NamedFile extends CertificateFile {
  readonly name: string;
}

export interface PairedUp {
  readonly pairs: readonly FoundPair[];
  /** What belongs to no pair. */
  readonly left: readonly RefusedFile[];
}

/**
 * Puts certificates and keys of the same name together. Where several files claim a name, the last path wins of those that can be read as
 * what they are taken for (a request `a.csr` is not the certificate of `a.crt`); among keys, those beside the certificate come before all
 * others. A key alone is no pair.
 */
export function pairUp(files: readonly NamedFile[]): PairedUp {
  const sorted = files.toSorted(byPath);
  const keys = byName(sorted.filter(({ text }) => isKeyText(text)));
  const certificates = byName(sorted.filter(({ text }) => !isKeyText(text)));
  const pairs: FoundPair[] = [];
  const left: RefusedFile[] = [];
  for (const [name, claimants] of certificates) {
    const candidates = keys.get(name) ?? [];
    const certificate = lastOf(claimants) as NamedFile;
    const isBeside = ({ path }: NamedFile) => dirname(path) === dirname(certificate.path);
    const privateKey = lastOf(candidates.filter(isBeside)) ?? lastOf(candidates);
    pairs.push({ name, certificate: fileOf(certificate), ...(privateKey && { privateKey: fileOf(privateKey) }) });
    const others = [...claimants, ...candidates].filter((file) => file !== certificate && file !== privateKey);
    left.push(...others.map(({ path }) => shared(path, name)));
  }
  const alone = [...keys.values()].flat().filter(({ name }) => !certificates.has(name));
  left.push(...alone.map(({ path }) => keyAlone(path)));
  return { pairs: pairs.sort((a, b) => byPath(a.certificate, b.certificate)), left };
}

/** Where there is no choice, nothing is parsed. */
function lastOf(files: readonly NamedFile[]): NamedFile | undefined {
  return (files.length > 1 ? files.findLast(isSound) : undefined) ?? files.at(-1);
}

function isSound({ text }: NamedFile): boolean {
  try {
    isKeyText(text) ? loadPrivateKey(text) : loadCertificate(text);
    return true;
  } catch (error) {
    if (error instanceof X509Error) {
      return false;
    }
    throw error;
  }
}

/** Orders by path, in no locale. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : Number(a.path > b.path);
}

function byName(files: readonly NamedFile[]): ReadonlyMap<string, readonly NamedFile[]> {
  const named = new Map<string, NamedFile[]>();
  for (const file of files) {
    const others = named.get(file.name) ?? [];
    others.push(file);
    named.set(file.name, others);
  }
  return named;
}

function fileOf({ path, text }: NamedFile): CertificateFile {
  return { path, text };
}

function shared(path: string, name: string): RefusedFile {
  return { path, code: 'NAME_SHARED', reason: `another file is taken for ${JSON.stringify(name)}` };
}

function keyAlone(path: string): RefusedFile {
  return { path, code: 'KEY_ALONE', reason: 'no certificate has its name' };
}
