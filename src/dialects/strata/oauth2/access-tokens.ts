import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { TokenInvalid, type TokenReference } from '../../../access/index.ts';
import { Refusal } from '../errors.ts';
import { type TsgId, tsgIdOf } from '../tenancy.ts';
import { ALGORITHM, LIFETIME_SECONDS } from './signing-key-set.ts';
import { type SigningKeys, type SigningKeysOptions, signingKeys } from './signing-keys.ts';

/** The same for all replicas, wherever clients reach them. */
const ISSUER = 'urn:certkeep:strata';

/** RFC 9068 §2.1. */
const TYPE = 'at+jwt';

/** The parts of a JWS in its compact form (RFC 7515 §7.1); the last is empty where nobody signed it. */
const COMPACT = /^[\w-]+\.[\w-]+\.([\w-]*)$/;

/** What an access token is issued for. */
export interface AccessTokenRequest {
  /** The Certkeep token in whose place it is shown. */
  readonly reference: TokenReference;
  /** For how long that is still good, in milliseconds; null for ever. */
  readonly expiresInMs: number | null;
  readonly tsg: TsgId;
  /** As the answer says it. */
  readonly scope: string;
}

export interface IssuedAccessToken {
  readonly text: string;
  readonly expiresInSeconds: number;
}

/** What a genuine access token says. Whether the token that it names is still let in is not asked here. */
export interface VerifiedAccessToken {
  readonly reference: TokenReference;
  readonly tsg: TsgId;
}

/** No other parameter has a meaning here; a key that a token brings along (`jwk`, `jku`, `x5c`, `x5u`) least of all. */
const header = z.strictObject({ alg: z.literal(ALGORITHM), typ: z.literal(TYPE), kid: z.string() });

/** Of RFC 9068 §2.2, and ours. */
const claims = z.object({
  aud: z.string(),
  sub: z.string(),
  client_id: z.string(),
  iat: z.number(),
  exp: z.number(),
  tsg_id: z.string(),
  token_created_at: z.number(),
});

export type AccessTokens = ReturnType<typeof accessTokens>;

/** Access tokens: short-lived JWTs that name the Certkeep token in whose place they are shown (contract §1.1). */
export function accessTokens(options: SigningKeysOptions) {
  const keys: SigningKeys = signingKeys(options);
  const { now } = options;

  return {
    keys,

    /**
     * Makes an access token, which ends no later than the token that it stands for.
     *
     * @throws {TokenInvalid} where that one ends within this second
     * @throws what {@link SigningKeys.openCurrent} does
     */
    async issue({ reference, expiresInMs, tsg, scope }: AccessTokenRequest): Promise<IssuedAccessToken> {
      // Before the key is chosen: how long a retired key is kept is reckoned from then.
      const issuedAt = Math.floor(now().getTime() / 1000);
      const expiresInSeconds = Math.min(LIFETIME_SECONDS, Math.floor((expiresInMs ?? Number.POSITIVE_INFINITY) / 1000));
      if (expiresInSeconds < 1) {
        throw new TokenInvalid();
      }
      const { kid, privateKey } = await keys.openCurrent();
      const { tokenId, clientId, createdAtMs } = reference;
      const said = { client_id: clientId, scope, tsg_id: tsg, token_created_at: createdAtMs };
      const text = await new SignJWT(said)
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
        .setIssuer(ISSUER)
        .setAudience(clientId)
        .setSubject(tokenId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + expiresInSeconds)
        .setJti(crypto.randomUUID())
        .sign(privateKey);
      return { text, expiresInSeconds };
    },

    /**
     * Reads an access token that is ours.
     *
     * @param purpose for a read, the keys of five seconds ago will do; a write is decided by those that the database has now
     * @throws {TokenInvalid} where it is not
     * @throws {Refusal} 401 `Key Expired` where it was
     */
    async verify(text: string, purpose: 'read' | 'write'): Promise<VerifiedAccessToken> {
      refuseOtherSpellings(text);
      const payload = await verifiedPayload(text, purpose);
      const { success, data } = claims.safeParse(payload);
      const tsg = success ? tsgIdOf(data.tsg_id) : undefined;
      if (!success || tsg === undefined || data.aud !== data.client_id) {
        throw new TokenInvalid();
      }
      const { sub: tokenId, client_id: clientId, token_created_at: createdAtMs } = data;
      return { reference: { tokenId, clientId, createdAtMs }, tsg };
    },
  };

  async function verifiedPayload(text: string, purpose: 'read' | 'write'): Promise<unknown> {
    try {
      const { payload } = await jwtVerify(
        text,
        async (given) => {
          const { success, data } = header.safeParse(given);
          const key = success ? await keys.find(data.kid, purpose) : undefined;
          if (key === undefined) {
            throw new TokenInvalid();
          }
          return key;
        },
        { algorithms: [ALGORITHM], issuer: ISSUER, typ: TYPE, clockTolerance: 0, currentDate: now() },
      );
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) {
        throw new Refusal('Key Expired', ['the access token has expired'], { headers: CHALLENGE });
      }
      throw error instanceof errors.JOSEError ? new TokenInvalid() : error;
    }
  }
}

/** RFC 6750 §3.1. */
const CHALLENGE = { 'www-authenticate': 'Bearer error="invalid_token"' };

/** Whether a bearer is meant as an access token: a plain token of an operator's choice may have dots too. */
export function isAccessToken(text: string): boolean {
  if (!COMPACT.test(text)) {
    return false;
  }
  try {
    decodeProtectedHeader(text);
    return true;
  } catch {
    return false;
  }
}

/** The last character of a signature has bits that mean nothing: of the texts that decode alike one alone was issued. */
function refuseOtherSpellings(text: string): void {
  const [, signature = ''] = COMPACT.exec(text) ?? [];
  if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) {
    throw new TokenInvalid();
  }
}
