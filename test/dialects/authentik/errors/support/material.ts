import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openssl, opensslPair } from '../../../../support/openssl.ts';
import { PAIRS, type TestServer } from '../../../../support/server.ts';
import { ask } from './refusal.ts';

const BLOCK = /-----BEGIN ([^-]+)-----\n([^-]+)-----END [^-]+-----\n?/;

export function derOf(pem: string): Buffer {
  return Buffer.from(BLOCK.exec(pem)?.[2] ?? '', 'base64');
}

export function pemOf(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** The same block under another label. */
export function relabelled(pem: string, label: string): string {
  return pem.replace(BLOCK, `-----BEGIN ${label}-----\n$2-----END ${label}-----\n`);
}

/** Gives openssl a text as a file, for the options that read from nowhere else. */
export function opensslOn(text: string, arguments_: (file: string) => readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'certkeep-material-'));
  try {
    const file = join(directory, 'input.pem');
    writeFileSync(file, text);
    return openssl(arguments_(file));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export function certificateRequest(privateKey: string): string {
  return opensslOn(privateKey, (file) => ['req', '-new', '-key', file, '-subj', '/CN=request.example']);
}

/** A certificate in whose base64 everything occurs that a mistake could spoil: a pad, a plus sign and a slash. */
export function certificateWithPadding(): string {
  for (let attempt = 0; attempt < 200; attempt++) {
    const { certificate } = opensslPair(`pad${'d'.repeat(attempt % 3)}.example`);
    const [, , base64 = ''] = BLOCK.exec(certificate) ?? [];
    if (['=', '+', '/'].every((character) => base64.includes(character))) {
      return certificate;
    }
  }
  throw new Error('openssl made no certificate with a pad, a plus sign and a slash');
}

export interface Pair {
  readonly id: string;
  readonly name: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/** Stores a pair of the test's own, for a request that must leave it as it is. */
export async function storePair(server: TestServer, name: string): Promise<Pair> {
  const { certificate, privateKey } = opensslPair(name.replaceAll(/[^a-z]/g, ''));
  const body = { name, certificate_data: certificate, key_data: privateKey };
  const answer = await ask(server, { method: 'POST', path: PAIRS, body });
  if (answer.status !== 201) {
    throw new Error(`the pair ${name} was not stored: ${answer.text}`);
  }
  return { id: (JSON.parse(answer.text) as { pk: string }).pk, name, certificate, privateKey };
}

/** The pair that authentik keeps to itself: hidden everywhere, its name taken. */
export async function hidePair(server: TestServer, pair: Pair): Promise<void> {
  await server.database.query(`UPDATE keypairs SET managed = 'goauthentik.io/crypto/jwt-managed' WHERE id = $1`, [
    pair.id,
  ]);
}
