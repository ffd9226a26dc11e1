declare const accountId: unique symbol;

/** The UUID of an account, the tenant of the realm `astra`: lower case, dashed, of version 4 or 5 (Astra's contract §1). */
export type AccountId = string & { readonly [accountId]: true };

export interface Account {
  readonly id: AccountId;
  /** By which people know it. */
  readonly name: string;
  readonly createdAt: Date;
}

/**
 * An identifier as Astra's contract §1 has it: a UUID of version 4, or of version 5 with any variant. The nil UUID, which stands for
 * the system, is no account.
 */
const IDENTIFIER = /^[0-9a-f]{8}-[0-9a-f]{4}-(?:4[0-9a-f]{3}-[89ab][0-9a-f]{3}|5[0-9a-f]{3}-[0-9a-f]{4})-[0-9a-f]{12}$/;

/** Takes an identifier for an account's id, or `undefined` for any other text. */
export function accountIdOf(text: string): AccountId | undefined {
  return IDENTIFIER.test(text) ? (text as AccountId) : undefined;
}
