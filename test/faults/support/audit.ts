import { createPrivateKey, X509Certificate } from 'node:crypto';
import { query } from '../../support/embedded-tools.ts';
import { send, type Target } from './client.ts';
import type { Entry, Ledger, State } from './ledger.ts';

interface Listed {
  readonly pk: string;
  readonly name: string;
  readonly fingerprint_sha256: string;
  readonly private_key_available: boolean;
}

/** What a store was found to hold of a ledger. */
export interface Findings {
  /** Pairs that are there. */
  readonly pairs: number;
  /** Names whose last write was never acknowledged, by what became of it. */
  readonly openOnes: { readonly present: number; readonly absent: number };
  /** What must not be: something acknowledged that is gone or different, something half there, something nobody wrote. */
  readonly wrongs: readonly string[];
}

const AT_ONCE = 16;

/**
 * Holds a whole store against a ledger, by every view that clients have, and takes what is there for the truth from then on.
 *
 * @param databaseUrl where the rows themselves are asked too whether a pair and its sealed key agree
 */
export async function auditStore(target: Target, ledger: Ledger, databaseUrl: string): Promise<Findings> {
  const listed = await listAll(target);
  const wrongs = (await contradictoryRows(databaseUrl)).map((id) => `row ${id} and its sealed key do not agree`);
  const openOnes = { present: 0, absent: 0 };
  for (const name of listed.keys()) {
    if (!ledger.entries.has(name)) {
      wrongs.push(`nobody wrote ${name}`);
    }
  }
  const entries = [...ledger.entries.values()];
  const examine = async (entry: Entry) => {
    const pair = listed.get(entry.name);
    if (entry.possible.length > 1) {
      openOnes[pair === undefined ? 'absent' : 'present']++;
    }
    const found = pair === undefined ? 'absent' : await readPair(target, pair, wrongs);
    if (!entry.possible.some((state) => isSame(entry.name, state, found))) {
      wrongs.push(`${entry.name} is ${brief(found)}, and may be ${entry.possible.map(brief).join(' or ')}`);
    }
    entry.pk = pair?.pk;
    entry.possible = [found];
  };
  for (let begin = 0; begin < entries.length; begin += AT_ONCE) {
    await Promise.all(entries.slice(begin, begin + AT_ONCE).map(examine));
  }
  return { pairs: listed.size, openOnes, wrongs };
}

async function listAll(target: Target): Promise<Map<string, Listed>> {
  const listed = new Map<string, Listed>();
  for (let page = 1; page !== 0; ) {
    const answer = await send(target, 'GET', `?page_size=100&page=${page}`);
    if (answer.status !== 200) {
      throw new Error(`page ${page} of the list is answered ${answer.status}`);
    }
    const { results, pagination } = JSON.parse(answer.text) as { results: Listed[]; pagination: { next: number } };
    for (const pair of results) {
      listed.set(pair.name, pair);
    }
    page = pagination.next;
  }
  return listed;
}

/** Reads all of a pair, and notes where its views contradict each other. */
async function readPair(target: Target, pair: Listed, wrongs: string[]): Promise<State> {
  const [detail, certificate, key] = await Promise.all([
    send(target, 'GET', `${pair.pk}/`),
    send(target, 'GET', `${pair.pk}/view_certificate/?download`),
    send(target, 'GET', `${pair.pk}/view_private_key/?download`),
  ]);
  const statuses = [detail, certificate, key].map(({ status }) => status);
  if (statuses.some((status) => status !== 200)) {
    wrongs.push(`${pair.name} is listed, and its views are answered ${statuses.join()}`);
    return 'absent';
  }
  if (JSON.stringify(JSON.parse(detail.text)) !== JSON.stringify(pair)) {
    wrongs.push(`${pair.name} is another in the list than by itself`);
  }
  if (pair.private_key_available !== (key.text !== '')) {
    wrongs.push(`${pair.name} says that its key is ${pair.private_key_available ? 'there' : 'missing'}`);
  }
  if (fingerprintOf(certificate.text) !== pair.fingerprint_sha256) {
    wrongs.push(`${pair.name} has the fingerprint of another certificate`);
  }
  return { certificate: certificate.text, key: key.text };
}

function fingerprintOf(text: string): string {
  return new X509Certificate(text.slice(text.indexOf('-----BEGIN'))).fingerprint256.toLowerCase();
}

function isSame(name: string, state: State, found: State): boolean {
  if (typeof found === 'string') {
    return state === found;
  }
  if (state === 'generated') {
    const certificate = new X509Certificate(found.certificate);
    const isOurs = certificate.subject.split('\n').includes(`CN=${name}`);
    return isOurs && found.key !== '' && certificate.checkPrivateKey(createPrivateKey(found.key));
  }
  return typeof state === 'object' && state.certificate === found.certificate && state.key === found.key;
}

function brief(state: State): string {
  if (typeof state === 'string') {
    return state;
  }
  const firstLine = (text: string) => text.split('\n', 1)[0] || 'none';
  return `[${firstLine(state.certificate)}, ${firstLine(state.key)}]`;
}

async function contradictoryRows(databaseUrl: string): Promise<string[]> {
  const rows = await query<{ id: string }>(
    databaseUrl,
    `SELECT coalesce(k.id, s.keypair_id) AS id
       FROM keypairs k FULL JOIN (SELECT * FROM sealed_secrets WHERE purpose = 'private_key') s ON s.keypair_id = k.id
      WHERE s.revision IS DISTINCT FROM k.private_key_seal_revision`,
  );
  return rows.map(({ id }) => id);
}
