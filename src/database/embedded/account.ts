import { readFile } from 'node:fs/promises';
import { NoUnprivilegedUser } from './errors.ts';

/** A user of the system, by whose rights PostgreSQL runs. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Whether this process may take any user's place. */
export function areWeRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The user that PostgreSQL runs as where we are root.
 *
 * @param owner the user who owns the database already there, if any: only its owner may serve it
 * @throws {NoUnprivilegedUser} where /etc/passwd names no such user; PostgreSQL asks for an entry there
 */
export async function unprivilegedAccount(owner?: number): Promise<Account> {
  const accounts = await readAccounts();
  const wanted = accounts.find((account) => (owner === undefined ? account.name === 'nobody' : account.uid === owner));
  if (wanted === undefined) {
    const missing = owner === undefined ? 'user nobody' : `user with the id ${owner}, who owns the database`;
    throw new NoUnprivilegedUser(`/etc/passwd has no ${missing}`);
  }
  return wanted;
}

/** The name of a user id for a message; the number where it has none. */
export async function nameOfUser(uid: number): Promise<string> {
  const accounts = await readAccounts().catch(() => []);
  return accounts.find((account) => account.uid === uid)?.name ?? `user ${uid}`;
}

async function readAccounts(): Promise<Account[]> {
  let text: string;
  try {
    text = await readFile('/etc/passwd', 'utf8');
  } catch (error) {
    throw new NoUnprivilegedUser('/etc/passwd is not readable', error);
  }
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    const isComplete = name && /^\d+$/.test(uid ?? '') && /^\d+$/.test(gid ?? '') && uid !== '0';
    return isComplete ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}
