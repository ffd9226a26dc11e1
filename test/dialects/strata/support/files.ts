import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerPrivateKeys } from '../../../support/leaks/secrets.ts';
import type { PemPair } from '../../../support/openssl.ts';
import type { TestServer } from '../../../support/server.ts';

/** Both base paths of the contract, §1. */
export const BASES = ['/config/identity/v1', '/sse/config/v1'] as const;

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Runs openssl among some files, and gives what it wrote to `out`, or printed. */
export function opensslAmong(files: Files, arguments_: readonly string[]): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'certkeep-files-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(directory, name), content);
    }
    const printed = execFileSync('openssl', arguments_, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    const out = join(directory, 'out');
    return existsSync(out) ? readFileSync(out) : printed;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export interface TestChain extends PemPair {
  /** The CA that signed the certificate. */
  readonly authority: string;
}

/** A P-256 certificate of a CA, with its key and the CA's certificate, made by openssl. */
export function opensslChain(commonName: string, ...options: readonly string[]): TestChain {
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];
  const directory = mkdtempSync(join(tmpdir(), 'certkeep-chain-'));
  const read = (name: string) => readFileSync(join(directory, name), 'utf8');
  const issue = (...more: readonly string[]) =>
    execFileSync('openssl', ['req', '-x509', ...newKey, ...more], { cwd: directory, stdio: 'pipe' });
  try {
    issue('-keyout', 'ca.key', '-out', 'ca.pem', '-subj', `/CN=${commonName} CA`);
    const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', 'basicConstraints=critical,CA:FALSE'];
    issue('-keyout', 'leaf.key', '-out', 'leaf.pem', '-subj', `/CN=${commonName}/O=Export`, ...signer, ...options);
    registerPrivateKeys(read('ca.key'));
    return {
      certificate: read('leaf.pem'),
      privateKey: registerPrivateKeys(read('leaf.key')),
      authority: read('ca.pem'),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export const base64 = (content: string | Uint8Array) => Buffer.from(content).toString('base64');
export const fromBase64 = (text: string) => Buffer.from(text, 'base64');

/** The base64 of the first block of a PEM text, and nothing else of it. */
export const bodyOf = (pem: string) => (/-----BEGIN [^-]+-----([^-]+)-----/.exec(pem)?.[1] ?? '').replaceAll(/\s/g, '');

export type Fields = Readonly<Record<string, unknown>>;

export interface Answered {
  readonly status: number;
  readonly body: Fields & { readonly id: string };
}

/** What an error says, as far as the contract's §9 promises it. */
export interface Refused {
  readonly status: number;
  readonly code: unknown;
  readonly errorType: unknown;
  readonly details: readonly string[];
}

export interface Sender {
  /** As which token; the superuser's without it. */
  readonly token?: string | undefined;
  readonly base?: (typeof BASES)[number];
}

/** Sends an import into `folder:Shared` under a new name, unless the fields say otherwise. */
export async function imported(server: TestServer, fields: Fields, sender: Sender = {}): Promise<Answered> {
  return post(server, '/certificates:import', { name: randomUUID(), folder: 'Shared', ...fields }, sender);
}

export async function exported(server: TestServer, id: string, fields: Fields, sender: Sender = {}): Promise<Answered> {
  return post(server, `/certificates/${id}:export`, fields, sender);
}

export async function post(
  server: TestServer,
  path: string,
  body: unknown,
  { token, base = BASES[0] }: Sender = {},
): Promise<Answered> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await server.request('POST', base + path, body, headers);
  return { status: response.status, body: (await response.json()) as Answered['body'] };
}

export function refusalIn({ status, body }: Answered): Refused {
  const [error] = body['_errors'] as [{ code: string; details: { errorType: string; message: string[] } }];
  return { status, code: error.code, errorType: error.details.errorType, details: error.details.message };
}

export const shown = async (server: TestServer, id: string) =>
  (await (await server.request('GET', `${BASES[0]}/certificates/${id}`)).json()) as Fields;
