declare const principalId: unique symbol;

/** The UUID of a principal: whoever holds a token. */
export type PrincipalId = string & { readonly [principalId]: true };

/** Who did something. What is written names its actor; events will. */
export interface Actor {
  readonly id: PrincipalId;
  readonly username: string;
}
