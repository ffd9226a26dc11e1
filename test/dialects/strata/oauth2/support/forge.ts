import { createHmac, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Keypairs } from '../../../../../src/keypairs/index.ts';
import { present } from '../../../../support/present.ts';

const PLACEMENT = { realm: 'strata', scope: '' } as const;

export const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** The key that signs, as nobody outside of the server has it. */
export async function stolenKey(keypairs: Keypairs): Promise<{ kid: string; key: KeyObject; certificate: string }> {
  const stored = await keypairs.listManaged(PLACEMENT, 'certkeep.strata.oauth2');
  const { id } = present(stored.at(-1));
  const { privateKey, certificate } = await keypairs.openForUse(PLACEMENT, id);
  return { kid: id, key: createPrivateKey(present(privateKey)), certificate };
}

/** Signs as RFC 7515 §5.1 says, whatever the header claims. */
export function forge(header: object, claims: object, key: KeyObject): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}

/** The classic confusion: the public key as the secret of an HMAC. */
export function forgeByHmac(header: object, claims: object, secret: string | Buffer): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}
