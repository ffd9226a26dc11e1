import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { TestServer } from '../support/server.ts';

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
    const found = compare(step, response, text);
    if (found.length > 0) {
      differences.set(step.id, found);
    }
    for (const [variable, member] of Object.entries(step.save ?? {})) {
      const value = response.ok ? (JSON.parse(text) as Record<string, unknown>)[member] : undefined;
      if (typeof value === 'string') {
        variables.set(variable, value);
      }
    }
  }
  return differences;
}

function send(server: TestServer, step: Recorded, variables: ReadonlyMap<string, string>): Promise<Response> {
  const fill = (text: string) =>
    text
      .replaceAll('{TOKEN}', server.token)
      .replaceAll(/\{([\w-]+)(?::(upper|hex))?\}/g, (_whole, name: string, form?: string) => {
        const value = variables.get(name) ?? UNKNOWN;
        return form === 'upper' ? value.toUpperCase() : form === 'hex' ? value.replaceAll('-', '') : value;
      });
  const headers = Object.fromEntries(Object.entries(step.headers).map(([name, value]) => [name, fill(value)]));
  const body = bodyOf(step);
  return fetch(server.url + fill(step.path), { method: step.method, headers, ...(body === undefined ? {} : { body }) });
}

function bodyOf(step: Recorded): Buffer | string | undefined {
  return step.body_base64 === undefined ? step.body : Buffer.from(step.body_base64, 'base64');
}

function compare(step: Recorded, response: Response, text: string): string[] {
  const { expect } = step;
  const found: string[] = [];
  const note = (what: string, wanted: unknown, got: unknown) =>
    found.push(`${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`);
  if (response.status !== expect.status) {
    note('status', expect.status, `${response.status} ${text.slice(0, 300)}`);
    return found;
  }
  const type = response.headers.get('content-type')?.split(';')[0];
  if (expect.type !== undefined && type !== expect.type) {
    note('type', expect.type, type);
  }
  if (expect.text !== undefined && text !== expect.text) {
    note('text', expect.text, text);
  }
  if (expect.disposition !== undefined && response.headers.get('content-disposition') !== expect.disposition) {
    note('disposition', expect.disposition, response.headers.get('content-disposition'));
  }
  if (expect.allow !== undefined && !sameMethods(expect.allow, response.headers.get('allow') ?? '')) {
    note('allow', expect.allow, response.headers.get('allow'));
  }
  if (expect.json !== undefined && step.method !== 'HEAD') {
    compareJson(step, JSON.parse(text), found);
  }
  return found;
}

function compareJson(step: Recorded, got: unknown, found: string[]): void {
  const { json, status } = step.expect;
  if (step.compare === 'status-and-keys') {
    if (!isDeepStrictEqual(Object.keys(json as object).sort(), Object.keys(got as object).sort())) {
      found.push(`keys: expected ${Object.keys(json as object)}, got ${Object.keys(got as object)}`);
    }
    return;
  }
  const difference = status >= 400 ? exact(json, got) : holds(json, got, '$');
  if (difference !== undefined) {
    found.push(difference);
  }
}

function exact(wanted: unknown, got: unknown): string | undefined {
  return isDeepStrictEqual(wanted, got)
    ? undefined
    : `json: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`;
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;

/** Whether an answer holds what was recorded; objects may have more keys. */
function holds(wanted: unknown, got: unknown, path: string): string | undefined {
  if (typeof wanted === 'string' && typeof got === 'string') {
    return holdsText(wanted, got)
      ? undefined
      : `${path}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`;
  }
  if (Array.isArray(wanted) && Array.isArray(got) && wanted.length === got.length) {
    return first(wanted.map((item, index) => holds(item, got[index], `${path}[${index}]`)));
  }
  if (isObject(wanted) && isObject(got)) {
    return first(Object.entries(wanted).map(([key, value]) => holds(value, got[key], `${path}.${key}`)));
  }
  return wanted === '<volatile>' || isDeepStrictEqual(wanted, got)
    ? undefined
    : `${path}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`;
}

function holdsText(wanted: string, got: string): boolean {
  if (wanted === '<volatile>') {
    return true;
  }
  const pattern = wanted
    .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/<pk>|<uuid>/g, UUID.source)
    .replaceAll('<volatile>', '[^]*');
  return new RegExp(`^${pattern}$`).test(got);
}

function first(values: (string | undefined)[]): string | undefined {
  return values.find((value) => value !== undefined);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sameMethods(left: string, right: string): boolean {
  const set = (text: string) =>
    text
      .split(',')
      .map((method) => method.trim())
      .sort();
  return isDeepStrictEqual(set(left), set(right));
}
