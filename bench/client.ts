import type { Target } from './load/load.ts';

/** The slowest answer is an RSA-4096 key behind a full queue of them. */
const TIMEOUT_MS = 120_000;

export const PAIRS = '/api/v3/crypto/certificatekeypairs/';

/** A pair as the server takes it. */
export interface PairBody {
  readonly name: string;
  readonly certificate_data: string;
  readonly key_data: string;
}

export interface Page {
  readonly pagination: { readonly count: number };
  readonly results: readonly { readonly pk: string; readonly name: string }[];
}

/** @throws {Error} where the answer is none of success */
export async function getJson<T>(target: Target, path: string): Promise<T> {
  const headers = { authorization: `Bearer ${target.token}` };
  return read(await fetch(target.url + path, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) }));
}

/** @throws {Error} where the answer is none of success */
export async function postJson<T>(target: Target, path: string, body: object): Promise<T> {
  return read(await send(target, path, body));
}

/** Posts, and leaves the answer to the caller. */
export function send(target: Target, path: string, body: object): Promise<Response> {
  const headers = { authorization: `Bearer ${target.token}`, 'content-type': 'application/json' };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  return fetch(target.url + path, { method: 'POST', headers, body: JSON.stringify(body), signal });
}

/** A certificate and key that the server made, to send it in creates. */
export async function makePair(target: Target): Promise<PairBody> {
  const body = { common_name: 'template of the template', validity_days: 30, alg: 'ecdsa' };
  const { pk } = await postJson<{ pk: string }>(target, `${PAIRS}generate/`, body);
  const view = async (what: string) => (await getJson<{ data: string }>(target, `${PAIRS}${pk}/view_${what}/`)).data;
  return { name: 'template', certificate_data: await view('certificate'), key_data: await view('private_key') };
}

async function read<T>(response: Response): Promise<T> {
  if (!response.ok) {
    throw new Error(`${response.url} was answered ${response.status}: ${await response.text()}`);
  }
  return (await response.json()) as T;
}
