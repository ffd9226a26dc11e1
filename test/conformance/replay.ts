import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { TestServer } from '../support/server.ts';
import { difference, holds } from './holds.ts';

/** One recorded request and what the original answered. */
export interface Recorded {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  /** The body's own JSON text: parsed and written again, `1.0` would become `1`. */
  readonly body?: string;
  readonly body_base64?: string;
  readonly save?: Record<string, string>;
  readonly compare?: 'status-and-keys';
  readonly expect: {
    readonly status: number;
    readonly type?: string;
    readonly json?: unknown;
    readonly text?: string;
    readonly disposition?: string;
    readonly allow?: string;
  };
}

/** The lines of a recording beside this file. */
export function readLines(file: string): string[] {
  return readFileSync(new URL(file, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

/** The steps of a recording beside this file. */
export function readRecordings(file: string): Recorded[] {
  return readLines(file).map((line) => {
    const { body, ...step } = JSON.parse(line) as Recorded;
    return body === undefined ? step : { ...step, body: memberText(line, 'body') };
  });
}

/** The text of a top-level member of a JSON object, untouched. */
function memberText(line: string, name: string): string {
  const start = line.indexOf(`"${name}": `) + name.length + 4;
  for (const { index } of line.matchAll(/, "|\}$/g)) {
    if (index > start && isJson(line.slice(start, index))) {
      return line.slice(start, index);
    }
  }
  throw new Error(`no member ${name}`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const UNKNOWN = '00000000-0000-4000-8000-00000000dead';

/**
 * Sends the recorded requests in order and compares the answers.
 *
 * @returns by the id of the step, what differs
 */
export async function replay(server: TestServer, steps: readonly Recorded[]): Promise<Map<string, string[]>> {
  const variables = new Map<string, string>();
  const differences = new Map<string, string[]>();
  for (const step of steps) {
    const response = await send(server, step, variables);
    const text = await response.text();
    const found = compare(step, response, text, idOf(step, variables));
    if (found.length > 0) {
      differences.set(step.id, found);
    }
    for (const [variable, member] of Object.entries(step.save ?? {})) {
      const value = response.ok ? (parsed(text) as Record<string, unknown> | undefined)?.[member] : undefined;
      if (typeof value === 'string') {
        variables.set(variable, value);
      }
    }
  }
  return differences;
}

/** Puts saved values into the recorded text. */
function fill(text: string, token: string, variables: ReadonlyMap<string, string>): string {
  return text
    .replaceAll('{TOKEN}', token)
    .replaceAll(/\{([\w-]+)(?::(upper|hex))?\}/g, (_whole, name: string, form?: string) => {
      const value = variables.get(name) ?? UNKNOWN;
      return form === 'upper' ? value.toUpperCase() : form === 'hex' ? value.replaceAll('-', '') : value;
    });
}

function send(server: TestServer, step: Recorded, variables: ReadonlyMap<string, string>): Promise<Response> {
  const headers = Object.entries(step.headers).map(([name, value]) => [name, fill(value, server.token, variables)]);
  const body = bodyOf(step);
  return fetch(server.url + fill(step.path, server.token, variables), {
    method: step.method,
    headers: Object.fromEntries(headers),
    // A redirect that nobody recorded mustn't be mistaken for its target.
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  });
}

/** Bytes, because a text would be sent with a media type that nobody recorded. */
function bodyOf(step: Recorded): Buffer<ArrayBuffer> | undefined {
  if (step.body_base64 !== undefined) {
    return Buffer.from(step.body_base64, 'base64');
  }
  return step.body === undefined ? undefined : Buffer.from(step.body);
}

function compare(step: Recorded, response: Response, text: string, id: string | undefined): string[] {
  const { expect } = step;
  if (response.status !== expect.status) {
    return [difference('status', expect.status, `${response.status} ${text.slice(0, 300)}`)];
  }
  const found: string[] = [];
  const check = (what: string, wanted: unknown, got: unknown) => {
    if (wanted !== undefined && wanted !== got) {
      found.push(difference(what, wanted, got));
    }
  };
  check('type', expect.type, response.headers.get('content-type')?.split(';')[0]);
  check('text', expect.text, text);
  check('disposition', expect.disposition, response.headers.get('content-disposition'));
  if (expect.allow !== undefined && !sameMethods(expect.allow, response.headers.get('allow') ?? '')) {
    found.push(difference('allow', expect.allow, response.headers.get('allow')));
  }
  if (step.method === 'HEAD' || expect.status === 204) {
    check('body', '', text);
  } else if (expect.json !== undefined) {
    found.push(...compareJson(step, text, id));
  }
  return found;
}

function compareJson(step: Recorded, text: string, id: string | undefined): string[] {
  const { json, status } = step.expect;
  const got = parsed(text);
  if (step.compare === 'status-and-keys') {
    return isDeepStrictEqual(keysOf(json), keysOf(got)) ? [] : [difference('keys', keysOf(json), keysOf(got))];
  }
  if (status >= 400) {
    return isDeepStrictEqual(json, got) ? [] : [difference('json', json, got)];
  }
  const isAboutId = id !== undefined && typeof json === 'object' && json !== null && 'pk' in json && json.pk === '<pk>';
  return [holds(isAboutId ? { ...json, pk: id } : json, got)].filter((found) => found !== undefined);
}

/** The value of a JSON text; undefined, which equals nothing recorded, for what isn't JSON. */
export function parsed(text: string): unknown {
  return isJson(text) ? JSON.parse(text) : undefined;
}

function keysOf(value: unknown): string[] | undefined {
  return typeof value === 'object' && value !== null ? Object.keys(value).sort() : undefined;
}

/** The saved id that a path is about, as answers write it. */
function idOf(step: Recorded, variables: ReadonlyMap<string, string>): string | undefined {
  return variables.get(/\{([\w-]+)(?::\w+)?\}/.exec(step.path)?.[1] ?? '');
}

/** Whether two lists of methods are the same set. */
export function sameMethods(left: string, right: string): boolean {
  const set = (text: string) => [...new Set(text.split(',').map((method) => method.trim()))].sort();
  return isDeepStrictEqual(set(left), set(right));
}
