import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { WebhookConfig } from '../../config.ts';
import { version } from '../../version.ts';
import { addressRule } from './allowed-address.ts';
import { AttemptFailed } from './attempt-failed.ts';
import { checkedAddresses, lookupOf, type Resolve, systemResolve } from './destination.ts';
import type { NewMessage } from './message.ts';
import { retryAfterMs } from './retry-after.ts';
import { signatureOf } from './signature.ts';

export interface SenderOptions {
  readonly webhook: WebhookConfig;
  /** Of the name service, unless it is given. */
  readonly resolve?: Resolve;
  /** The bound of one attempt, from the name to the end of the answer, in milliseconds. */
  readonly timeoutMs?: number;
}

/** That a message was delivered: the status of the answer, 200 to 299. */
export interface Delivered {
  readonly status: number;
}

/**
 * Sends a message, once.
 *
 * @param signal ends the attempt
 * @throws {AttemptFailed}
 */
export type Send = (message: Pick<NewMessage, 'id' | 'payload'>, signal?: AbortSignal) => Promise<Delivered>;

const TIMEOUT_MS = 15_000;
/** Of an answer, more is not even read: a receiver has nothing to say but its status. */
const MAX_ANSWER_BYTES = 4096;

/**
 * Makes what sends messages to the operator's webhook, as Standard Webhooks says. Every attempt asks for the host's addresses, checks them,
 * and connects to one of those, on a connection of its own; redirects are not followed, and no proxy is asked.
 */
export function webhookSender(options: SenderOptions): Send {
  const { webhook, resolve = systemResolve, timeoutMs = TIMEOUT_MS } = options;
  const url = new URL(webhook.url);
  const isAllowed = addressRule(webhook.privateNetworks);

  return async ({ id, payload }, ending = new AbortController().signal) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([timeout, ending]);
    const messageId = `msg_${id}`;
    const timestamp = Math.floor(Date.now() / 1000);
    try {
      const addresses = await unlessAborted(checkedAddresses(url, resolve, isAllowed), signal);
      const answer = await post(url, payload, {
        agent: false,
        lookup: lookupOf(addresses),
        signal,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(payload),
          'user-agent': `Certkeep/${version}`,
          'webhook-id': messageId,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signatureOf({ id: messageId, timestamp, payload }, webhook.secrets),
        },
      });
      const delivered = judged(answer);
      await discard(answer);
      return delivered;
    } catch (error) {
      throw failureOf(error, { timeout, ending });
    }
  };
}

function post(url: URL, payload: string, options: object): Promise<IncomingMessage> {
  const begin = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = begin(url, { method: 'POST', ...options }, resolve);
    request.on('error', reject);
    // Node ends the connection of an answer that changes the protocol (101), and calls that no error.
    request.on('close', () => reject(new Error('the connection ended without an answer')));
    request.end(payload);
  });
}

/** @throws {AttemptFailed} STATUS, GONE */
function judged(answer: IncomingMessage): Delivered {
  const { statusCode: status = 0, headers } = answer;
  if (status >= 200 && status < 300) {
    return { status };
  }
  answer.destroy();
  const bid = status === 429 || status === 503 ? retryAfterMs(headers['retry-after'], new Date()) : undefined;
  throw status === 410 ? new AttemptFailed('GONE') : new AttemptFailed('STATUS', { status, retryAfterMs: bid });
}

/** Lets a receiver end its answer in peace, within bounds. It is delivered, however that ends. */
async function discard(answer: IncomingMessage): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of answer) {
      bytes += (chunk as Buffer).length;
      if (bytes > MAX_ANSWER_BYTES) {
        break;
      }
    }
  } catch {
    // Its connection broke, or its time is over.
  }
  answer.destroy();
}

/** Names are resolved by the system, which nothing ends before it is done. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) {
      abort();
    }
  });
}

function failureOf(
  error: unknown,
  { timeout, ending }: { readonly timeout: AbortSignal; readonly ending: AbortSignal },
): AttemptFailed {
  if (error instanceof AttemptFailed) {
    return error;
  }
  if (ending.aborted) {
    return new AttemptFailed('ENDED');
  }
  return timeout.aborted ? new AttemptFailed('TIMED_OUT') : new AttemptFailed('CONNECTION_FAILED', { cause: error });
}
