declare const principalId: unique symbol;

/** The UUID of a principal: whoever holds a token. */
export type PrincipalId = string & { readonly [principalId]: true };

/** Who does something, and from where: what is written names its principal, and events will name it all. */
export interface Actor {
  readonly id: PrincipalId;
  readonly username: string;
  /** The UUID of the token that was shown. */
  readonly tokenId: string;
  readonly requestId: string;
  /** The client's IP address. */
  readonly address: string;
}
