import { ACCOUNT_ID } from '../../access/index.ts';
import { type KeypairId, keypairIdOf } from '../../keypairs/index.ts';

/** An identifier (contract §1): one that an account can have, or the nil UUID. */
export const IDENTIFIER = new RegExp(`${ACCOUNT_ID.source}|^0{8}(?:-0{4}){3}-0{12}$`);

/** Takes an identifier for a certificate's id, or `undefined` for any other text. */
export function certificateIdOf(text: string): KeypairId | undefined {
  return IDENTIFIER.test(text) ? keypairIdOf(text) : undefined;
}
