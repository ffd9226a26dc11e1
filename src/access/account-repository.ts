import { type EventRow, insertEvent } from '../audit/index.ts';
import { type Database, Prisma, violatedConstraint, withStoreErrors } from '../database/index.ts';
import type { Account, AccountId, AccountReference } from './account.ts';
import { AccountInUse, AccountRefused } from './account-errors.ts';

/** An account, and how many certificates it keeps. */
export interface AccountOverview extends Account {
  readonly certificates: number;
}

/** Whoever adds a certificate holds the account by it, so that of an addition and a deletion at once the database lets one win. */
const KEEPS_CERTIFICATES = 'trust_entries_account_id_fkey';

const EXISTS = 'SELECT 1 FROM accounts WHERE id = $1::uuid';

const FIELDS = { id: true, name: true, createdAt: true } as const;

export type AccountRepository = ReturnType<typeof accountRepository>;

/** The only code that touches the table of accounts. Each write is one transaction with its event. */
export function accountRepository(database: Database) {
  const { prisma } = database;

  /** @returns undefined where there is none, and nothing was done */
  function underLock<T>(
    reference: AccountReference,
    act: (tx: Prisma.TransactionClient, current: Account) => Promise<T>,
  ): Promise<T | undefined> {
    const condition = 'id' in reference ? Prisma.sql`id = ${reference.id}::uuid` : Prisma.sql`name = ${reference.name}`;
    return prisma.$transaction(async (tx) => {
      const [current] = await tx.$queryRaw<Account[]>`
        SELECT id, name, created_at AS "createdAt" FROM accounts WHERE ${condition} FOR UPDATE`;
      return current && act(tx, current);
    });
  }

  return withStoreErrors({
    async exists(id: AccountId): Promise<boolean> {
      return (await database.lookUp(EXISTS, [id])).length > 0;
    },

    async find(reference: AccountReference): Promise<Account | undefined> {
      const row = await prisma.account.findUnique({ where: whereOf(reference), select: FIELDS });
      return row === null ? undefined : toAccount(row);
    },

    /** All of them, by their names. */
    async list(): Promise<AccountOverview[]> {
      const rows = await prisma.account.findMany({
        select: { ...FIELDS, _count: { select: { trustEntries: true } } },
        orderBy: { name: 'asc' },
      });
      return rows.map(({ _count, ...row }) => ({ ...toAccount(row), certificates: _count.trustEntries }));
    },

    /** @throws {AccountRefused} where the id or the name is taken */
    async add(account: Pick<Account, 'id' | 'name'>, event: EventRow): Promise<Account> {
      return translatingConstraints(() =>
        prisma.$transaction(async (tx) => {
          await insertEvent(tx, event);
          return toAccount(await tx.account.create({ data: account, select: FIELDS }));
        }),
      );
    },

    /**
     * @param tell gives the event that tells of it
     * @returns undefined where there is no such account
     * @throws {AccountRefused} where the name is taken
     */
    async rename(
      reference: AccountReference,
      name: string,
      tell: (renamed: Account) => EventRow,
    ): Promise<Account | undefined> {
      return translatingConstraints(() =>
        underLock(reference, async (tx, current) => {
          const renamed = { ...current, name };
          await insertEvent(tx, tell(renamed));
          await tx.account.update({ where: { id: current.id }, data: { name }, select: { id: true } });
          return renamed;
        }),
      );
    },

    /**
     * @param tell as for {@link rename}
     * @returns the account that was; undefined where there is none
     * @throws {AccountInUse} where it keeps certificates
     */
    async remove(reference: AccountReference, tell: (removed: Account) => EventRow): Promise<Account | undefined> {
      return translatingConstraints(() =>
        underLock(reference, async (tx, current) => {
          await insertEvent(tx, tell(current));
          await tx.account.delete({ where: { id: current.id }, select: { id: true } });
          return current;
        }),
      );
    },
  });
}

function whereOf(reference: AccountReference) {
  return 'id' in reference ? { id: reference.id } : { name: reference.name };
}

function toAccount(row: Omit<Account, 'id'> & { readonly id: string }): Account {
  return { ...row, id: row.id as AccountId };
}

async function translatingConstraints<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    switch (violatedConstraint(error)) {
      case 'accounts_pkey':
        throw new AccountRefused('ID_TAKEN');
      case 'accounts_name_key':
        throw new AccountRefused('NAME_TAKEN');
      case KEEPS_CERTIFICATES:
        throw new AccountInUse();
      default:
        throw error;
    }
  }
}
