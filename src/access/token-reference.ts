import type { FoundCaller } from './caller-cache.ts';

/** How what was issued in place of a token names it: without the text by which the token itself is shown. */
export interface TokenReference {
  /** UUID. */
  readonly tokenId: string;
  /** As its client named it: by its identifier or its UUID. */
  readonly clientId: string;
  /** When it was made, in milliseconds since 1970: another bootstrap token takes the same id and the same identifier. */
  readonly createdAtMs: number;
}

/** A caller that showed a token and its name, with what to name it by from now on. */
export interface FoundClient extends FoundCaller {
  readonly reference: TokenReference;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Longer than any identifier. */
const MAX_CLIENT_ID_LENGTH = 255;

/** Whether a text could be a client's name for a token; others are not looked for. */
export function isClientId(text: string): boolean {
  return /^[-\w]+$/.test(text) && text.length <= MAX_CLIENT_ID_LENGTH;
}

/** Whether there could be such a token. */
export function isTokenReference({ tokenId, clientId, createdAtMs }: TokenReference): boolean {
  return UUID.test(tokenId) && isClientId(clientId) && Number.isFinite(createdAtMs);
}
