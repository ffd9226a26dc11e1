import { callerCache } from './caller-cache.ts';
import { TokenInvalid } from './errors.ts';
import type { Caller } from './principal.ts';
import { generateToken, hashToken } from './token.ts';
import type { BootstrapOutcome, NewToken, TokenRepository } from './token-repository.ts';

/** A longer one is refused before it is hashed. */
const MAX_TOKEN_LENGTH = 1024;

export type Tokens = ReturnType<typeof tokenService>;

/** Tokens: made once, shown once, known by their hash only. */
export function tokenService(repository: TokenRepository) {
  const recent = callerCache();

  async function find(token: string, purpose: 'read' | 'write'): Promise<Caller | undefined> {
    const hash = hashToken(token);
    if (purpose === 'write') {
      return (await repository.findCaller(hash))?.caller;
    }
    return recent.get(Buffer.from(hash).toString('latin1'), () => repository.findCaller(hash));
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
      return caller;
    },

    /** Makes `token` the one that an operator begins with; another one before it stops working. */
    async putBootstrap(token: string): Promise<BootstrapOutcome> {
      const outcome = await repository.putBootstrap(hashToken(token));
      recent.clear();
      return outcome;
    },

    /** Makes a token and returns its text, which is nowhere else afterwards. */
    async create(wanted: NewToken): Promise<string> {
      const token = generateToken();
      await repository.add(wanted, hashToken(token));
      return token;
    },

    hasUsableToken(): Promise<boolean> {
      return repository.hasUsableToken();
    },
  };
}
