import { answer } from '../../../http/index.ts';
import { TOKEN_BASES } from '../route.ts';
import { oauthError } from './schemas.ts';

/** A path of the token endpoint: all three are one (contract §1.1). */
export interface TokenBase {
  readonly prefix: (typeof TOKEN_BASES)[number];
  /** Ends the names of its operations, which OpenAPI wants to be different. */
  readonly suffix: string;
}

const SUFFIXES: Readonly<Record<TokenBase['prefix'], string>> = {
  '/oauth2': '',
  '/auth/v1/oauth2': 'AuthV1',
  '/am/oauth2': 'Am',
};

export const BASES: readonly TokenBase[] = TOKEN_BASES.map((prefix) => ({ prefix, suffix: SUFFIXES[prefix] }));

export const ACCESS_TOKEN = '/access_token';
export const JWKS = '/connect/jwk_uri';

/** What goes wrong on any path of the token endpoint. */
export const COMMON_ERRORS = {
  405: answer('The path lacks this method', oauthError),
  429: answer('Too many requests; Retry-After says when to try again', oauthError),
  499: answer('The client left', oauthError),
  500: answer('An error of the server', oauthError),
  503: answer('The database is away, or too much is asked for at once; Retry-After says when to try again', oauthError),
  504: answer('The database did not answer in time', oauthError),
};
