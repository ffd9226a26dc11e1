import { TokenInvalid } from './errors.ts';
import type { Caller } from './principal.ts';
import { generateToken, hashToken } from './token.ts';
import type { BootstrapOutcome, NewToken, TokenRepository } from './token-repository.ts';

/** A longer one is refused before it is hashed. */
const MAX_TOKEN_LENGTH = 1024;

export type Tokens = ReturnType<typeof tokenService>;

/** Tokens: made once, shown once, known by their hash only. */
export function tokenService(repository: TokenRepository) {
  return {
    /**
     * Who a token speaks for.
     *
     * @throws {TokenInvalid} where it is unknown, expired or revoked
     */
    async authenticate(token: string): Promise<Caller> {
      const caller = token.length <= MAX_TOKEN_LENGTH ? await repository.findCaller(hashToken(token)) : undefined;
      if (caller === undefined) {
        throw new TokenInvalid();
      }
      return caller;
    },

    /** Makes `token` the one that an operator begins with; another one before it stops working. */
    putBootstrap(token: string): Promise<BootstrapOutcome> {
      return repository.putBootstrap(hashToken(token));
    },

    /** Makes a token and returns its text, which is nowhere else afterwards, and whether it carries every right. */
    async create(wanted: NewToken): Promise<{ token: string; isSuperuser: boolean }> {
      const token = generateToken();
      return { token, ...(await repository.add(wanted, hashToken(token))) };
    },

    hasUsableToken(): Promise<boolean> {
      return repository.hasUsableToken();
    },
  };
}
