import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Caller, TokenInvalid } from '../access/index.ts';
import { clientNetwork } from '../audit/index.ts';
import { clientAddress } from './client-address.ts';
import { type Rate, RateLimiter } from './rate-limiter.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** No limit holds on this route: whoever probes it decides whether the server lives. */
    unlimited?: true;
  }
}

/** Each of them; 0 for no limit. */
export interface RateLimitOptions {
  /** Requests per second of one token. */
  readonly token: number;
  /** Requests per second from one address. */
  readonly address: number;
  /** Requests per minute from one address whose token is not let in, whatever it is. */
  readonly failedLogins: number;
}

/** Too much came at once. Each dialect words it. */
export class Throttled extends Error {
  override readonly name = 'Throttled';
  readonly code = 'THROTTLED';
  readonly statusCode = 429;
  /** At least 1. */
  readonly retryAfterSeconds: number;

  /** @param cause what is told of in place of this: the refusal of a token, where too many were refused */
  constructor(waitMs: number, cause?: unknown) {
    super('too many requests', { cause });
    this.retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  }
}

/** A client that opens many connections at once is not yet one that never stops. */
const BURST_SECONDS = 10;

export type RateLimits = ReturnType<typeof rateLimits>;

/** The limits of this process; another one beside it counts by itself. */
export function rateLimits(options: RateLimitOptions) {
  const tokens = limiter({ perSecond: options.token, burst: options.token * BURST_SECONDS });
  const addresses = limiter({ perSecond: options.address, burst: options.address * BURST_SECONDS });
  const failures = limiter({ perSecond: options.failedLogins / 60, burst: options.failedLogins });

  return {
    /** Holds each address to its limit, on all routes but those that say that there is none. */
    limitAddresses(app: FastifyInstance): void {
      if (addresses !== undefined) {
        app.addHook('onRequest', async (request) => {
          if (request.routeOptions.config.unlimited !== true) {
            take(addresses, clientNetwork(clientAddress(request)));
          }
        });
      }
    },

    /**
     * Lets somebody log in. A token that is let in is so from everywhere; where too many were not, the next one that is not is told to
     * wait.
     *
     * @param authenticate gives the caller, or throws
     * @throws {Throttled}, and whatever `authenticate` throws
     */
    async logIn(request: FastifyRequest, authenticate: () => Promise<Caller | undefined>): Promise<Caller | undefined> {
      const caller = await authenticate().catch((error: unknown) => {
        if (error instanceof TokenInvalid) {
          take(failures, clientNetwork(clientAddress(request)), error);
        }
        throw error;
      });
      if (caller !== undefined) {
        take(tokens, caller.tokenId);
      }
      return caller;
    },
  };
}

function limiter(rate: Rate): RateLimiter | undefined {
  return rate.perSecond === 0 ? undefined : new RateLimiter(rate);
}

function take(limiter: RateLimiter | undefined, key: string, cause?: unknown): void {
  const waitMs = limiter?.take(key) ?? 0;
  if (waitMs > 0) {
    throw new Throttled(waitMs, cause);
  }
}
