import { type KeypairId, keypairIdOf } from '../../keypairs/index.ts';

/** An identifier (contract §1): a UUID in lower case, of version 4, of version 5 with any variant, or the nil one. */
export const IDENTIFIER =
  /^(?:[0-9a-f]{8}-[0-9a-f]{4}-(?:4[0-9a-f]{3}-[89ab][0-9a-f]{3}|5[0-9a-f]{3}-[0-9a-f]{4})-[0-9a-f]{12}|0{8}(?:-0{4}){3}-0{12})$/;

/** Takes an identifier for a certificate's id, or `undefined` for any other text. */
export function certificateIdOf(text: string): KeypairId | undefined {
  return IDENTIFIER.test(text) ? keypairIdOf(text) : undefined;
}
