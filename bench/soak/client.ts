import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { Tally } from './tally.ts';

/** So many connections stay open for the whole run: the number of the server's handles says something then. */
const CONNECTIONS = 16;
const TIMEOUT_MS = 30_000;
/** Of an unexpected answer, so much is shown. */
const SHOWN_CHARACTERS = 200;

export interface Wanted {
  /** How the request is counted. */
  readonly kind: string;
  readonly method?: string;
  readonly path: string;
  /** In place of the caller's own. */
  readonly authorization?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text is sent as it is, all else as JSON. */
  readonly body?: unknown;
  /** The status that the answer must have. */
  readonly expect: number;
}

export interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Ends a journey whose request was not answered as expected; the tally knows already. */
export class JourneyEnded extends Error {
  override readonly name = 'JourneyEnded';
}

export interface Client {
  /** @throws {JourneyEnded} where the answer is not the expected one */
  send(wanted: Wanted): Promise<Answer>;
  /** The same, and reads the answer as JSON. */
  json<T>(wanted: Wanted): Promise<T>;
  close(): void;
}

/** Sends requests to a server over a fixed number of connections, which take turns. */
export function openClient(url: string, authorization: string, tally: Tally): Client {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: CONNECTIONS,
    maxFreeSockets: CONNECTIONS,
    scheduling: 'fifo',
  });
  const send = async (wanted: Wanted): Promise<Answer> => {
    const { kind, expect } = wanted;
    const begin = performance.now();
    let answer: { status: number; headers: IncomingHttpHeaders; text: string };
    try {
      answer = await exchange(url, agent, { ...wanted, authorization: wanted.authorization ?? authorization });
    } catch (error) {
      tally.failed(kind, error instanceof Error && 'code' in error ? String(error.code) : String(error));
      throw new JourneyEnded();
    }
    const { status, headers, text } = answer;
    if (status === expect) {
      tally.answered(kind, performance.now() - begin);
      return { headers, text };
    }
    if (status === 503 && headers['retry-after'] !== undefined) {
      tally.declined(kind);
    } else {
      tally.failed(kind, `${status} in place of ${expect}: ${text.slice(0, SHOWN_CHARACTERS)}`);
    }
    throw new JourneyEnded();
  };
  return {
    send,
    json: async <T>(wanted: Wanted) => JSON.parse((await send(wanted)).text) as T,
    close: () => agent.destroy(),
  };
}

async function exchange(url: string, agent: Agent, { method = 'GET', path, headers, body, authorization }: Wanted) {
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(
      url + path,
      {
        agent,
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          ...(authorization === undefined ? {} : { authorization }),
          ...(payload === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
          ...headers,
        },
      },
      resolve,
    );
    sent.on('error', reject);
    sent.end(payload);
  });
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    text += chunk;
  }
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}
