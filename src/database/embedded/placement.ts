import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, areWeRoot, nameOfUser, unprivilegedAccount } from './account.ts';
import { DataDirectoryNotUsable, NoUnprivilegedUser } from './errors.ts';
import { ifPresent, makeDirectory, ownerOf } from './files.ts';
import { obtainInstanceId, readInstanceId } from './instance-id.ts';
import { canEnter } from './run.ts';

/** Where the database lies, and by whose rights it is served. */
export interface Placement {
  /** Holds the cluster and, where its path is short enough, the socket's directory. */
  readonly home: string;
  readonly cluster: string;
  /** Undefined: ourselves. */
  readonly account: Account | undefined;
  /** Says that the database lies elsewhere, and why. */
  readonly notice: string | undefined;
}

/**
 * Makes the data directory. An ordinary user's is closed to all others. As root it stays enterable, because PostgreSQL, whose
 * files lie inside, runs as another user: files in it that are secret need a mode of their own.
 *
 * @throws {DataDirectoryNotUsable} where it can't be made
 */
async function prepareDataDirectory(dataDirectory: string): Promise<void> {
  await makeDirectory(dataDirectory, areWeRoot() ? 0o711 : 0o700);
}

/**
 * Decides where the database lies: in the data directory where the user that PostgreSQL runs as can enter it, otherwise, as root,
 * in the system directory. A database that is already in one of them is never passed over for an empty one in the other.
 *
 * @throws {DataDirectoryNotUsable} where the database is another user's, or its user can't enter
 * @throws {NoUnprivilegedUser} where we are root and there is nobody else
 */
export async function placeCluster(dataDirectory: string, systemDirectory: string): Promise<Placement> {
  await prepareDataDirectory(dataDirectory);
  const home = await realpath(dataDirectory);
  return areWeRoot() ? await placeAsRoot(home, systemDirectory) : await placeAsUser(home);
}

async function placeAsUser(home: string): Promise<Placement> {
  const cluster = await clusterIn(home);
  const owner = await ownerOf(cluster);
  if (owner !== undefined && owner !== process.getuid?.()) {
    const name = await nameOfUser(owner);
    const way = `run Certkeep as root, or give the database to this user: chown -R "$(id -u)" '${cluster}'`;
    throw new DataDirectoryNotUsable(cluster, `it belongs to ${name}, not to the user who runs Certkeep now; ${way}`);
  }
  try {
    await access(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new DataDirectoryNotUsable(home, 'the user who runs Certkeep may not write to it', error);
  }
  return { home, cluster, account: undefined, notice: undefined };
}

async function placeAsRoot(home: string, systemDirectory: string): Promise<Placement> {
  const cluster = await clusterIn(home);
  const owner = await ownerOf(cluster);
  const account = await accountFor(cluster, owner);
  const isReachable = await canEnter(home, account);
  if (!isReachable && !(await canEnter('/', account))) {
    throw new NoUnprivilegedUser(`this process may not take the place of ${account.name}`);
  }
  if (owner === undefined && !isReachable) {
    return await placeElsewhere(home, systemDirectory, `${account.name}, who runs PostgreSQL, can't enter ${home}`);
  }
  if (owner === undefined && (await isKeptElsewhere(home, systemDirectory))) {
    const reason = `${account.name}, who runs PostgreSQL, could not enter ${home} when the database was made`;
    return await placeElsewhere(home, systemDirectory, reason);
  }
  if (isReachable) {
    return { home, cluster, account, notice: undefined };
  }
  const elsewhere = join(systemDirectory, await obtainInstanceId(home));
  const way = `open the way to it, or move it: mkdir -p '${elsewhere}' && mv '${cluster}' '${elsewhere}/'`;
  throw new DataDirectoryNotUsable(cluster, `its owner ${account.name} can't enter ${home}; ${way}`);
}

/** Somebody may have put it on another disk and a link in its place. */
async function clusterIn(home: string): Promise<string> {
  const cluster = join(home, 'postgres');
  return (await ifPresent(realpath(cluster))) ?? cluster;
}

async function isKeptElsewhere(home: string, systemDirectory: string): Promise<boolean> {
  const id = await readInstanceId(home);
  return id !== undefined && (await ownerOf(join(systemDirectory, id, 'postgres'))) !== undefined;
}

async function placeElsewhere(dataDirectory: string, systemDirectory: string, reason: string): Promise<Placement> {
  const home = join(systemDirectory, await obtainInstanceId(dataDirectory));
  await makeDirectory(systemDirectory, 0o755);
  await makeDirectory(home, 0o711);
  const cluster = await clusterIn(home);
  const account = await accountFor(cluster, await ownerOf(cluster));
  if (!(await canEnter(home, account))) {
    throw new DataDirectoryNotUsable(home, `${account.name}, who runs PostgreSQL, can't enter it`);
  }
  return { home, cluster, account, notice: `The database is kept in ${cluster}, because ${reason}.` };
}

/** Only its owner can serve a database that is there; root can't. */
async function accountFor(cluster: string, owner: number | undefined): Promise<Account> {
  if (owner === 0) {
    const way = `give it to a user who may run PostgreSQL: chown -R nobody '${cluster}'`;
    throw new DataDirectoryNotUsable(cluster, `it belongs to root, and PostgreSQL does not run as root; ${way}`);
  }
  return await unprivilegedAccount(owner);
}
