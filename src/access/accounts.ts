import { randomUUID } from 'node:crypto';
import type { Actor, AuditTrail } from '../audit/index.ts';
import { type Account, type AccountId, accountIdOf, accountNameOf, accountReferenceOf } from './account.ts';
import { AccountNotFound, AccountRefused } from './account-errors.ts';
import { accountEvent } from './account-events.ts';
import { accountMemory } from './account-memory.ts';
import type { AccountOverview, AccountRepository } from './account-repository.ts';

export interface AccountServiceOptions {
  readonly repository: AccountRepository;
  /** Tells of each write, in its transaction. */
  readonly trail: AuditTrail;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

/** What a new account is made of. */
export interface NewAccount {
  readonly name: string;
  /** A new one without it. Scripts that were written for the real system have an account's id in them. */
  readonly id?: string | undefined;
}

export type Accounts = ReturnType<typeof accountService>;

/** The accounts of the realm `astra`. */
export function accountService({ repository, trail, now }: AccountServiceOptions) {
  const memory = accountMemory(now);

  /** Runs a write after which there may be an account more, or less. */
  async function forgetting<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } finally {
      memory.clear();
    }
  }

  return {
    /**
     * Whether there is such an account. An answer is believed for five seconds, unless an account is made or deleted in this process; the
     * database decides where something is written into one.
     */
    exists(id: AccountId): Promise<boolean> {
      return memory.exists(id, () => repository.exists(id));
    },

    /** @throws {AccountRefused} */
    async create(actor: Actor, { name, id = randomUUID() }: NewAccount): Promise<Account> {
      const account = { id: checkedId(id), name: checkedName(name) };
      const event = trail.prepare(accountEvent('model_created', actor, account));
      return forgetting(() => repository.add(account, event));
    },

    /** All accounts, by their names, and how many certificates each keeps. */
    list(): Promise<AccountOverview[]> {
      return repository.list();
    },

    /** @param idOrName an id, or a name with blanks around it or without */
    async find(idOrName: string): Promise<Account | undefined> {
      const reference = accountReferenceOf(idOrName);
      return reference && repository.find(reference);
    },

    /**
     * @param idOrName as for {@link find}
     * @returns the account afterwards
     * @throws {AccountNotFound}
     * @throws {AccountRefused}
     */
    async rename(actor: Actor, idOrName: string, name: string): Promise<Account> {
      const wanted = checkedName(name);
      const tell = (renamed: Account) => trail.prepare(accountEvent('model_updated', actor, renamed));
      const reference = accountReferenceOf(idOrName);
      return found(idOrName, reference && (await repository.rename(reference, wanted, tell)));
    },

    /**
     * Deletes an account: here at once, in other processes within five seconds. Tokens that reach it stay, and reach nothing.
     *
     * @param idOrName as for {@link find}
     * @throws {AccountNotFound}
     * @throws {AccountInUse} where it still keeps certificates
     */
    async remove(actor: Actor, idOrName: string): Promise<void> {
      const tell = (removed: Account) => trail.prepare(accountEvent('model_deleted', actor, removed));
      const reference = accountReferenceOf(idOrName);
      found(idOrName, reference && (await forgetting(() => repository.remove(reference, tell))));
    },
  };
}

function found(reference: string, account: Account | undefined): Account {
  if (account === undefined) {
    throw new AccountNotFound(reference);
  }
  return account;
}

function checkedId(text: string): AccountId {
  const id = accountIdOf(text);
  if (id === undefined) {
    throw new AccountRefused('ID_INVALID');
  }
  return id;
}

function checkedName(text: string): string {
  const name = accountNameOf(text);
  if (name === undefined) {
    throw new AccountRefused('NAME_INVALID');
  }
  return name;
}
