import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { TestServer } from '../../../support/server.ts';
import { type Answer, type Asking, ask } from '../../authentik/errors/support/refusal.ts';

const CONTRACT = new URL('../../../../docs/contracts/astra.md', import.meta.url);

interface Words {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

/** The contract's own table (§6), by the numbers of the problems. */
export const PROBLEMS: ReadonlyMap<number, Words> = new Map(
  [...readFileSync(CONTRACT, 'utf8').matchAll(/^\| (\d+) \| (\d{3}) \| (.+?) \| (.+?) \|$/gm)].map(
    ([, number, status, title = '', detail = '']) => [Number(number), { status: Number(status), title, detail }],
  ),
);

/** @throws {Error} for a number that the contract's table lacks */
export function wordsOf(number: number): Words {
  const words = PROBLEMS.get(number);
  if (words === undefined) {
    throw new Error(`the contract has no problem ${number}`);
  }
  return words;
}

/** Of version 4 (RFC 9562 §5.4), as a test of Vitest's. */
export const A_UUID = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

/** What a problem says, all of it. */
export function problemOf(number: number, extras: Readonly<Record<string, unknown>> = {}): object {
  const { status, title, detail } = wordsOf(number);
  const type = `https://astra.netapp.io/problems/${number}`;
  return { type, title, detail, status: String(status), correlationID: A_UUID, ...extras };
}

/** Expects an answer to be a problem and nothing else (contract §6). */
export function expectBody(
  answer: Pick<Answer, 'headers' | 'text'> & { readonly status: number },
  status: number,
  body: object,
): void {
  expect({ status: answer.status, type: answer.headers['content-type'], body: readable(answer.text) }).toEqual({
    status,
    type: 'application/problem+json',
    body,
  });
}

/** Expects a request to be refused with a problem of the catalogue. */
export async function expectProblem(
  server: TestServer,
  asking: Asking,
  number: number,
  extras: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  const answer = await ask(server, asking);
  expectBody(answer, wordsOf(number).status, problemOf(number, extras));
  return answer;
}

/** As JSON; as text where it is none, so that a failed test shows it. */
function readable(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
