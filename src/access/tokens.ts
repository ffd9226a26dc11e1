import { randomUUID } from 'node:crypto';
import { type Actor, type AuditTrail, OPERATOR } from '../audit/index.ts';
import { callerCache } from './caller-cache.ts';
import { TokenInvalid } from './errors.ts';
import { lastUses } from './last-uses.ts';
import type { Caller } from './principal.ts';
import { generateToken, hashToken } from './token.ts';
import { TokenRefused } from './token-errors.ts';
import { tokenEvent } from './token-events.ts';
import { BOOTSTRAP_IDENTIFIER, checkedUsername, checkIdentifier } from './token-names.ts';
import type { TokenFilter, TokenOrder, TokenPage, TokensFound } from './token-reads.ts';
import type { NewToken, TokenChange, TokenOwner, TokenRecord } from './token-record.ts';
import { type FoundClient, isClientId, isTokenReference, type TokenReference } from './token-reference.ts';
import { BOOTSTRAP_TOKEN, type BootstrapOutcome, type TokenRepository } from './token-repository.ts';

/** A longer one is refused before it is hashed. */
const MAX_TOKEN_LENGTH = 1024;

export interface TokenServiceOptions {
  readonly repository: TokenRepository;
  /** Tells of each write, in its transaction. */
  readonly trail: AuditTrail;
  readonly log: { warn(fields: object, message: string): void };
}

/** A token that was just made: the only time that its text is at hand. */
export interface IssuedToken {
  readonly key: string;
  readonly token: TokenRecord;
}

export type Tokens = ReturnType<typeof tokenService>;

/** Tokens: made once, shown once, known by their hash only. */
export function tokenService({ repository, trail, log }: TokenServiceOptions) {
  const recent = callerCache();
  const uses = lastUses({
    write: (pending) => repository.writeLastUses(pending),
    onFailure: (error) => log.warn({ err: error }, 'when tokens were last used could not be written; it will be later'),
  });

  async function find(token: string, purpose: 'read' | 'write'): Promise<Caller | undefined> {
    const hash = hashToken(token);
    if (purpose === 'write') {
      return (await repository.findCaller(hash))?.caller;
    }
    return recent.get(Buffer.from(hash).toString('latin1'), () => repository.findCaller(hash));
  }

  async function findReferenced(reference: TokenReference, purpose: 'read' | 'write'): Promise<Caller | undefined> {
    if (purpose === 'write') {
      return (await repository.findReferenced(reference))?.caller;
    }
    const { tokenId, clientId, createdAtMs } = reference;
    return recent.get(`${tokenId} ${clientId} ${createdAtMs}`, () => repository.findReferenced(reference));
  }

  async function issue(actor: Actor, wanted: NewToken): Promise<IssuedToken> {
    checkIdentifier(wanted.identifier);
    refuseThePast(wanted.expiresAt);
    const token = { ...wanted, username: checkedUsername(wanted.username) };
    const id = randomUUID();
    const key = generateToken();
    const event = trail.prepare(tokenEvent('model_created', actor, { id, ...token }));
    return { key, token: await repository.add({ id, hash: hashToken(key), token, event }) };
  }

  /** Runs a write after which nobody may be taken for who they were. */
  async function forgetting<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } finally {
      recent.clear();
    }
  }

  return {
    /**
     * Who a token speaks for.
     *
     * @param purpose for a read, what was so within the last five seconds will do; a write is decided by what the database says now
     * @throws {TokenInvalid} where it is unknown, expired or revoked
     */
    async authenticate(token: string, purpose: 'read' | 'write'): Promise<Caller> {
      const caller = token.length <= MAX_TOKEN_LENGTH ? await find(token, purpose) : undefined;
      if (caller === undefined) {
        throw new TokenInvalid();
      }
      uses.note(caller.tokenId);
      return caller;
    },

    /**
     * Who a token speaks for that is shown as a client's secret. Always asks the database: what is issued for it lasts longer than a request.
     *
     * @param clientId its identifier or its UUID, exactly as they are written
     * @param secret the token
     * @returns the caller, how to name the token from now on, and for how long at the most it is good
     * @throws {TokenInvalid} where it is unknown, expired or revoked, or has another name
     */
    async authenticateClient(clientId: string, secret: string): Promise<FoundClient> {
      const isPossible = secret.length <= MAX_TOKEN_LENGTH && isClientId(clientId);
      const found = isPossible ? await repository.findClient(hashToken(secret), clientId) : undefined;
      if (found === undefined) {
        throw new TokenInvalid();
      }
      uses.note(found.caller.tokenId);
      return found;
    },

    /**
     * Who a token speaks for that something names which was issued in its place. Whether that is genuine is for its issuer to say.
     *
     * @param purpose as for {@link authenticate}
     * @throws {TokenInvalid} where it is unknown, expired or revoked, or another one took its place
     */
    async authenticateById(reference: TokenReference, purpose: 'read' | 'write'): Promise<Caller> {
      const caller = isTokenReference(reference) ? await findReferenced(reference, purpose) : undefined;
      if (caller === undefined) {
        throw new TokenInvalid();
      }
      uses.note(caller.tokenId);
      return caller;
    },

    /** Makes `token` the one that an operator begins with; another one before it stops working. One that was revoked stays so. */
    async putBootstrap(token: string): Promise<BootstrapOutcome> {
      return forgetting(() =>
        repository.putBootstrap(hashToken(token), {
          created: () => trail.prepare(tokenEvent('model_created', OPERATOR, BOOTSTRAP_TOKEN)),
          replaced: () => trail.prepare(tokenEvent('model_updated', OPERATOR, BOOTSTRAP_TOKEN)),
        }),
      );
    },

    /**
     * Makes a token.
     *
     * @throws {TokenRefused}
     */
    issue,

    /** As {@link issue} for whoever runs the server; returns the token's text, which is nowhere else afterwards. */
    async create(wanted: NewToken): Promise<string> {
      return (await issue(OPERATOR, wanted)).key;
    },

    /** @returns a page of tokens, and how many there are */
    list(filter: TokenFilter, orders: readonly TokenOrder[], page: TokenPage): Promise<TokensFound> {
      return repository.list(filter, orders, page);
    },

    find(filter: TokenFilter & { readonly identifier: string }): Promise<TokenRecord | undefined> {
      return repository.find(filter);
    },

    /** Whether an identifier is or was a token's: none is used twice. */
    async isTaken(identifier: string): Promise<boolean> {
      return identifier === BOOTSTRAP_IDENTIFIER || (await repository.isTaken(identifier));
    },

    /** @param number what authentik's API calls the `pk` of a user */
    findOwner(number: number): Promise<TokenOwner | undefined> {
      return repository.findOwner(number);
    },

    /**
     * Changes a token.
     *
     * @param decide is shown the token as it is, which nobody else changes meanwhile; throws what is to be thrown
     * @throws {TokenNotFound}
     * @throws {TokenRefused}
     */
    async change(
      actor: Actor,
      identifier: string,
      decide: (current: TokenRecord) => TokenChange,
    ): Promise<TokenRecord> {
      return forgetting(() =>
        repository.change(identifier, (current) => {
          const change = decide(current);
          const { rights = current, expiresAt = current.expiresAt } = change;
          refuseThePast(change.expiresAt ?? null);
          const event = tokenEvent('model_updated', actor, { ...current, ...onlyRights(rights), expiresAt });
          return { change, event: trail.prepare(event) };
        }),
      );
    },

    /**
     * Takes a token away: here at once, in other processes within five seconds. Its row stays, because events name it.
     *
     * @param decide as for {@link change}
     * @throws {TokenNotFound} where there is none, or it was revoked before
     */
    async revoke(actor: Actor, identifier: string, decide: (current: TokenRecord) => void = () => {}): Promise<void> {
      await forgetting(() =>
        repository.change(identifier, (current) => {
          decide(current);
          const event = trail.prepare(tokenEvent('model_deleted', actor, current));
          return { change: { revokedAt: new Date() }, event };
        }),
      );
    },

    hasUsableToken(): Promise<boolean> {
      return repository.hasUsableToken();
    },

    /** Writes what is still to be written, while the database is open. */
    close(): Promise<void> {
      return uses.close();
    },
  };
}

function onlyRights({ isSuperuser, grants, reach }: Pick<TokenRecord, 'isSuperuser' | 'grants' | 'reach'>) {
  return { isSuperuser, grants, reach };
}

/** @throws {TokenRefused} */
function refuseThePast(expiresAt: Date | null): void {
  if (expiresAt !== null && expiresAt.getTime() <= Date.now()) {
    throw new TokenRefused('EXPIRY_PAST');
  }
}
