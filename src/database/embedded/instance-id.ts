import { randomUUID } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataDirectoryNotUsable } from './errors.ts';
import { ifPresent, syncDirectory } from './files.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The id under which this data directory's database is kept elsewhere. It is random, so that a new directory at the same path
 * does not inherit a stranger's data. Undefined where none was given yet.
 *
 * @throws {DataDirectoryNotUsable} where the file holds something else: a new id would hide the data of the old one
 */
export async function readInstanceId(dataDirectory: string): Promise<string | undefined> {
  const file = join(dataDirectory, 'instance-id');
  const text = (await ifPresent(readFile(file, 'utf8'))) ?? '';
  const [id] = text.split('\n').filter((line) => line !== '');
  if (id !== undefined && !UUID.test(id)) {
    throw new DataDirectoryNotUsable(file, 'it does not hold an instance id');
  }
  return id;
}

/** The same, and gives one where there is none. Of several who do so at once the first wins: each appends, the first line counts. */
export async function obtainInstanceId(dataDirectory: string): Promise<string> {
  const known = await readInstanceId(dataDirectory);
  if (known !== undefined) {
    return known;
  }
  const own = randomUUID();
  const file = await open(join(dataDirectory, 'instance-id'), 'a', 0o600);
  try {
    await file.appendFile(`${own}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(dataDirectory);
  return (await readInstanceId(dataDirectory)) ?? own;
}
