import type { AccountId } from './account.ts';

/** The accounts of the realm `astra`. */
export interface Accounts {
  /** Whether there is such an account. What was true is believed for a few seconds. */
  exists(id: AccountId): Promise<boolean>;
}
