import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';
import { AnswerLog } from './answer-log.ts';

/**
 * Judges every answer that a server sends from now on, as Node sends it. To be called after the server's own listeners are in place: it sees a
 * request before them. An answer whose connection breaks before its end is none.
 */
export function recordAnswers(server: Server): AnswerLog {
  const log = new AnswerLog();
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '' } = request;
    const chunks: Buffer[] = [];
    let sentType: unknown;
    const keep = (chunk: unknown, encoding: unknown) => {
      // What comes after the end is refused by Node.
      if (!response.writableEnded) {
        chunks.push(...bytesOf(chunk, encoding));
      }
    };
    tap(response, 'write', keep);
    tap(response, 'end', keep);
    // Headers that are given here alone are never shown by getHeader.
    tap(response, 'writeHead', (_status, ...rest) => {
      sentType = typeIn(rest.at(-1));
    });
    response.once('finish', () => {
      const contentType = asText(sentType ?? response.getHeader('content-type'));
      const answer: Answer = { method, url, status: response.statusCode, contentType, body: Buffer.concat(chunks) };
      log.judge(answer);
    });
  });
  return log;
}

function tap(response: ServerResponse, name: 'write' | 'end' | 'writeHead', see: (...given: unknown[]) => void): void {
  const original = response[name];
  Object.assign(response, {
    [name](...given: unknown[]) {
      see(...given);
      return Reflect.apply(original, response, given);
    },
  });
}

/** A chunk's bytes; none where a callback stands in its place. */
function bytesOf(chunk: unknown, encoding: unknown): Buffer[] {
  if (typeof chunk === 'string') {
    return [Buffer.from(chunk, isEncoding(encoding) ? encoding : 'utf8')];
  }
  // A copy: the caller may use its buffer again.
  return chunk instanceof Uint8Array ? [Buffer.from(chunk)] : [];
}

function isEncoding(value: unknown): value is BufferEncoding {
  return typeof value === 'string' && Buffer.isEncoding(value);
}

/** The content type in headers as `writeHead` takes them: an object, or a flat list of names and values. */
function typeIn(headers: unknown): unknown {
  if (typeof headers !== 'object' || headers === null) {
    return undefined;
  }
  const entries = Array.isArray(headers)
    ? headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1]]] : []))
    : Object.entries(headers);
  return entries.find(([name]) => String(name).toLowerCase() === 'content-type')?.[1];
}

function asText(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}
