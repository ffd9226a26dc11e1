import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openssl } from '../../support/openssl.ts';
import { attribute, certificate, integer, name, OID, pem, rdn, text } from './der.ts';

/** What OpenSSL says of one name; null where it refuses the certificate that has it as its subject. */
export type Verdict = { readonly line: string; readonly hash: string } | null;

/**
 * Two processes for any number of names: `rehash` links files by the hashes of their subjects, and what `x509` prints of a subject
 * that all names were put into, one after the other, is taken apart again.
 */
export function askOpenssl(names: readonly Buffer[]): Verdict[] {
  const hashes = askForHashes(names);
  const accepted = names.filter((_, index) => hashes[index] !== undefined);
  const lines = askForLines(accepted);
  return hashes.map((hash) => (hash === undefined ? null : { line: lines.shift() ?? '', hash }));
}

/** Undefined where OpenSSL refuses the certificate. */
function askForHashes(names: readonly Buffer[]): Array<string | undefined> {
  const directory = mkdtempSync(join(tmpdir(), 'certkeep-names-'));
  try {
    for (const [index, subject] of names.entries()) {
      // Two of the same octets would be one to `rehash`.
      const der = certificate({ subject, serialNumber: integer(BigInt(index)) });
      writeFileSync(join(directory, `${index}.pem`), pem('CERTIFICATE', der));
    }
    openssl(['rehash', directory]);
    const links = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink());
    const hashes = new Map(links.map((link) => [readlinkSync(join(directory, link.name)), link.name.slice(0, 8)]));
    return names.map((_, index) => hashes.get(`${index}.pem`));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function askForLines(names: readonly Buffer[]): string[] {
  const mark = rdn(attribute(OID.commonName, text(0x0c, '<mark>')));
  const subject = name(...names.flatMap((one) => [mark, fromSequence(one)]));
  const printed = openssl(
    ['x509', '-noout', '-subject', '-nameopt', 'compat'],
    pem('CERTIFICATE', certificate({ subject })),
  );
  // Only the line's end: the last name may itself end in a blank.
  return printed.replace(/\n$/, '').split('/CN=<mark>').slice(1);
}

/** The content octets of a SEQUENCE. */
function fromSequence(der: Buffer): Buffer {
  const length = der.readUInt8(1);
  return der.subarray(length < 0x80 ? 2 : 2 + (length & 0x7f));
}
