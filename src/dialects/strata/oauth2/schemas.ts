import { z } from 'zod';
import { secretField } from '../../../http/index.ts';

/** What requests and answers of the token endpoint look like (contract §1.1). */

export const tokenRequest = z
  .object({
    grant_type: z.literal('client_credentials'),
    scope: z
      .string()
      .optional()
      .describe('`tsg_id:` and the id of the tenant; without it the one that the client reaches.'),
    client_id: z.string().optional().describe('Identifier or UUID of a Certkeep token, unless HTTP Basic names it.'),
    client_secret: secretField(z.string().meta({ writeOnly: true }).optional()).describe('The Certkeep token.'),
  })
  .meta({ id: 'AccessTokenRequest' });

export const tokenAnswer = z
  .object({
    access_token: secretField(z.string()).describe('A JWT, signed by RS256 (RFC 9068).'),
    scope: z.string().describe('As it was asked for.'),
    token_type: z.literal('Bearer'),
    expires_in: z.number().meta({ type: 'integer' }).describe('In seconds.'),
  })
  .meta({ id: 'AccessToken' });

export const oauthError = z
  .object({ error: z.string().describe('RFC 6749 §5.2.'), error_description: z.string() })
  .meta({ id: 'OAuthError' });

export const jwks = z
  .object({
    keys: z.array(
      z.object({
        kty: z.literal('RSA'),
        use: z.literal('sig'),
        alg: z.literal('RS256'),
        kid: z.string(),
        n: z.string(),
        e: z.string(),
      }),
    ),
  })
  .meta({ id: 'JsonWebKeySet' });
