import { randomInt } from 'node:crypto';
import type { Generation } from '../../keypairs/index.ts';
import {
  type AuthentikRequest,
  generateKeyPair,
  issueAuthentikProfile,
  issueSelfSignedProfile,
} from '../../x509/index.ts';

export interface FirstPairsProfile {
  /** Whether certificates are their own issuers, as those are that `generate` makes. */
  readonly selfSigned: boolean;
  readonly issuerCommonName: string;
  now(): Date;
}

/** What authentik calls the owner of the key by which it signs JWTs; its API shows no pair of that owner (contract §1.7). */
export const JWT_OWNER = 'goauthentik.io/crypto/jwt-managed';

const LABEL_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const LABEL_LENGTH = 40;

/** The pairs that authentik makes at its first start, in the profile of `generate` (contract §1.4, §5). */
export function firstPairs(profile: FirstPairsProfile): readonly Generation[] {
  const selfSigned = 'authentik Self-signed Certificate';
  const jwt = 'authentik Internal JWT Certificate';
  return [
    {
      name: selfSigned,
      make: () => issue(profile, selfSigned, `${randomLabel()}.self-signed.goauthentik.io`, 365),
    },
    { name: jwt, managed: JWT_OWNER, make: () => issue(profile, jwt, 'goauthentik.io', 360) },
  ];
}

async function issue(
  { selfSigned, issuerCommonName, now }: FirstPairsProfile,
  commonName: string,
  host: string,
  validityDays: number,
) {
  const request: AuthentikRequest = { commonName, subjectAltNames: [host], validityDays, issuerCommonName, now: now() };
  const keys = await generateKeyPair('rsa');
  return selfSigned ? issueSelfSignedProfile(request, keys) : issueAuthentikProfile(request, keys);
}

function randomLabel(): string {
  return Array.from({ length: LABEL_LENGTH }, () => LABEL_CHARACTERS[randomInt(LABEL_CHARACTERS.length)]).join('');
}
