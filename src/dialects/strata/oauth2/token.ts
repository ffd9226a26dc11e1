import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type FoundClient, TokenInvalid } from '../../../access/index.ts';
import { answer } from '../../../http/index.ts';
import type { Services } from '../route.ts';
import { type ClientCredentials, readCredentials } from './client-credentials.ts';
import { NOT_TO_BE_KEPT, OauthRefusal } from './errors.ts';
import { readForm } from './form.ts';
import { ACCESS_TOKEN, COMMON_ERRORS, type TokenBase } from './route.ts';
import { oauthError, tokenAnswer, tokenRequest } from './schemas.ts';
import { grantScope } from './scope.ts';

/** Bytes: four fields, and what else a client adds. */
const MAX_BODY = 16 * 1024;

/** POST `access_token`: the grant of client credentials (RFC 6749 §4.4), where those are a Certkeep token's name and text. */
export function issueAccessToken(app: FastifyInstance, services: Services, { prefix, suffix }: TokenBase): void {
  app.post(prefix + ACCESS_TOKEN, {
    schema: {
      tags: ['strata'],
      operationId: `IssueAccessToken${suffix}`,
      description: 'Issues an access token for a Certkeep token, bound to one tenant.',
      // By HTTP Basic, or else by fields of the form.
      security: [{ scmClient: [] }, {}],
      consumes: ['application/x-www-form-urlencoded'],
      body: tokenRequest,
      response: {
        200: answer('The access token', tokenAnswer),
        400: answer('The request can not be met', oauthError),
        401: answer('The client is not known', oauthError),
        413: answer('The body is too large', oauthError),
        ...COMMON_ERRORS,
      },
    },
    config: { operation: 'strata.oauth2.token' },
    bodyLimit: Math.min(MAX_BODY, app.initialConfig.bodyLimit ?? MAX_BODY),
    async handler(request, reply) {
      const form = readForm(request);
      refuseOtherGrants(form.grant_type);
      const { caller, reference, expiresInMs } = await logIn(
        request,
        services,
        readCredentials(request.headers.authorization, form),
      );
      const { tsg, scope } = grantScope(form.scope, caller, services.defaultTsg);
      const { text, expiresInSeconds } = await services.accessTokens.issue({ reference, expiresInMs, tsg, scope });
      reply.headers(NOT_TO_BE_KEPT);
      return { access_token: text, scope, token_type: 'Bearer', expires_in: expiresInSeconds };
    },
  });
}

/** @throws {OauthRefusal} */
function refuseOtherGrants(grantType: string | undefined): void {
  if (grantType === undefined) {
    throw new OauthRefusal('invalid_request', 'grant_type is required');
  }
  if (grantType !== 'client_credentials') {
    throw new OauthRefusal('unsupported_grant_type', 'the only grant is client_credentials');
  }
}

/**
 * Lets a client in that reaches anything of this API.
 *
 * @throws {TokenInvalid} where it does not: that it is good elsewhere is not told
 */
async function logIn(
  request: FastifyRequest,
  { limits, tokens }: Services,
  readings: readonly ClientCredentials[],
): Promise<FoundClient> {
  let found: FoundClient | undefined;
  await limits.logIn(request, async () => {
    found = await firstLetIn(readings, ({ clientId, secret }) => tokens.authenticateClient(clientId, secret));
    if (!found.caller.reach.some(({ realm }) => realm === 'strata')) {
      throw new TokenInvalid();
    }
    return found.caller;
  });
  if (found === undefined) {
    throw new TokenInvalid();
  }
  return found;
}

/** @throws {TokenInvalid} where none is */
async function firstLetIn(
  readings: readonly ClientCredentials[],
  authenticate: (reading: ClientCredentials) => Promise<FoundClient>,
): Promise<FoundClient> {
  for (const reading of readings) {
    try {
      return await authenticate(reading);
    } catch (error) {
      if (!(error instanceof TokenInvalid)) {
        throw error;
      }
    }
  }
  throw new TokenInvalid();
}
