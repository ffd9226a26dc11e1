import type { ReadyRequest } from './bystander.ts';

/** A request that is made to harm those who come after it. */
export interface Attack {
  readonly what: string;
  /** The request; the name is another each time, for those that are answered by storing a pair of that name. */
  make(name: string): ReadyRequest;
  readonly status: number;
  /** What is refused: the members of the answer's body. */
  readonly fields?: readonly string[];
  /** What is said of each of them, where it is a limit of ours that refuses. */
  readonly text?: string;
}

/** What is refused, and by which member of the answer. */
export const refused = (what: string, field: string, make: Attack['make'], status = 400): Attack => ({
  what,
  make,
  status,
  fields: [field],
});

/** What is refused because there is too much of it, which the answer says. */
export const beyond = (limit: string, what: string, fields: readonly string[], make: Attack['make']): Attack => ({
  what,
  make,
  status: 400,
  fields,
  text: `Ensure this field has no more than ${limit}.`,
});

/** What the contract wants accepted, whatever it costs. */
export const accepted = (what: string, make: Attack['make'], status = 201): Attack => ({ what, make, status });

const MEGABYTE = 1 << 20;
/** For the name, the quotes and the braces around what fills a body. */
const ROOM = 200;

/**
 * A text again and again, as often as it fits into a body of the given size once it is written as JSON.
 *
 * @param beside what else the body holds
 */
export function filled(part: string, { size = MEGABYTE, beside = '' } = {}): string {
  const free = size - ROOM - written(beside);
  return part.repeat(Math.floor(free / written(part)));
}

const written = (text: string) => Buffer.byteLength(JSON.stringify(text)) - 2;

/** A body that is sent as it stands. */
export function raw(body: string, path = ''): ReadyRequest {
  return { method: 'POST', path, body: Buffer.from(body) };
}

/** A pair to be stored. */
export function pair(name: string, certificate: string, privateKey = ''): ReadyRequest {
  return raw(JSON.stringify({ name, certificate_data: certificate, key_data: privateKey }));
}

/** A pair to be generated, with an algorithm that takes no time. */
export function generation(name: string, wanted: object): ReadyRequest {
  return raw(JSON.stringify({ common_name: name, validity_days: 1, alg: 'ecdsa', ...wanted }), 'generate/');
}

export function query(path: string, headers?: Readonly<Record<string, string>>): ReadyRequest {
  return { method: 'GET', path, ...(headers === undefined ? {} : { headers }) };
}
