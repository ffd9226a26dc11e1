import type { Caller, Tokens } from '../../access/index.ts';

/**
 * Who sends this Authorization header (contract §2). No header, another scheme, and a bearer without a token are all anonymous; the
 * token is everything behind the one blank, so that a second blank makes another token of it.
 *
 * @throws {TokenInvalid} where there is a token and it is not let in
 */
export async function authenticate(header: string | undefined, tokens: Tokens): Promise<Caller | undefined> {
  const [scheme = '', ...rest] = (header ?? '').split(' ');
  const token = rest.join(' ');
  if (scheme.toLowerCase() !== 'bearer' || token === '') {
    return undefined;
  }
  return tokens.authenticate(token);
}
