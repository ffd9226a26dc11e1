declare const accountId: unique symbol;

/** The UUID of an account, the tenant of the realm `astra`: lower case, dashed, of version 4 or 5 (Astra's contract §1). */
export type AccountId = string & { readonly [accountId]: true };

export interface Account {
  readonly id: AccountId;
  /** By which people know it; no two have the same. */
  readonly name: string;
  readonly createdAt: Date;
}

/** By what people name an account. */
export type AccountReference = { readonly id: AccountId } | { readonly name: string };

/**
 * An identifier as Astra's contract §1 has it: a UUID of version 4, or of version 5 with any variant. The nil UUID, which stands for
 * the system, is no account.
 */
export const ACCOUNT_ID =
  /^[0-9a-f]{8}-[0-9a-f]{4}-(?:4[0-9a-f]{3}-[89ab][0-9a-f]{3}|5[0-9a-f]{3}-[0-9a-f]{4})-[0-9a-f]{12}$/;

/** In bytes of UTF-8. */
const MAX_NAME = 1024;
/** Control characters, and halves of surrogate pairs, which UTF-8 can't write. */
const NOT_IN_NAMES = /[\p{Cc}\p{Cs}]/u;

/** Takes an identifier for an account's id, or `undefined` for any other text. */
export function accountIdOf(text: string): AccountId | undefined {
  return ACCOUNT_ID.test(text) ? (text as AccountId) : undefined;
}

/**
 * Takes a text, without the blanks around it, for an account's name.
 *
 * @returns `undefined` for what has not 1 to 1024 bytes of UTF-8, for control characters, and for what is an identifier: a text names one
 * account at the most, by its id or by its name
 */
export function accountNameOf(text: string): string | undefined {
  const name = text.trim();
  const isOne =
    name !== '' &&
    Buffer.byteLength(name) <= MAX_NAME &&
    !NOT_IN_NAMES.test(name) &&
    accountIdOf(name.toLowerCase()) === undefined;
  return isOne ? name : undefined;
}

/** Takes a text for the id or the name of an account, or `undefined` where it can be neither. */
export function accountReferenceOf(text: string): AccountReference | undefined {
  const id = accountIdOf(text);
  if (id !== undefined) {
    return { id };
  }
  const name = accountNameOf(text);
  return name === undefined ? undefined : { name };
}
