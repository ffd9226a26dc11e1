import { createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Decrypter, Encrypter } from 'age-encryption';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { byteLines } from '../../../src/operations/backup/byte-lines.ts';
import { beginRestoration } from '../../../src/operations/backup/restore-repository.ts';
import { TABLES } from '../../../src/operations/backup/tables.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { commandOn } from '../../support/store.ts';
import { digestOf, filledTables, openedKeysOf } from './support/digest.ts';
import { backUp, emptyDatabase, restoreInto, seed, temporaryDirectory } from './support/stores.ts';

const PASSPHRASE = 'correct horse battery staple';

let source: TestDatabase;
let kek: string;
beforeAll(async () => {
  source = await createDatabase();
  ({ kek } = await seed(source));
});
afterAll(() => source.drop());

/** The file key of a backup under a KEK, as docs/decisions/0026-backup-format.md has it. */
function fileKeyByHand(kek: Buffer, sealed: Buffer): Uint8Array {
  const [, stanza = '', body = ''] = sealed.toString('latin1').split('\n');
  const [, type, id, salt = ''] = stanza.split(' ');
  const key = hkdfSync('sha256', kek, Buffer.from(salt, 'base64'), 'certkeep backup file key', 32);
  const bytes = Buffer.from(body, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key), bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(`${type} ${id}`));
  decipher.setAuthTag(bytes.subarray(28));
  return new Uint8Array(Buffer.concat([decipher.update(bytes.subarray(12, 28)), decipher.final()]));
}

test('a backup under a KEK is an age file whose key is sealed as the decision says', async () => {
  const sealed = await readFile(await backUp(source, kek));
  const decrypter = new Decrypter();
  decrypter.addIdentity({ unwrapFileKey: () => fileKeyByHand(Buffer.from(kek, 'base64'), sealed) });
  const [header = '', keys = ''] = gunzipSync(await decrypter.decrypt(sealed))
    .toString('utf8')
    .split('\n');

  const [{ id } = { id: '' }] = await source.query<{ id: string }>('SELECT id FROM keks');
  expect(sealed.toString('latin1')).toMatch(new RegExp(`^age-encryption.org/v1\n-> certkeep-kek ${id} `));
  expect(JSON.parse(header)).toMatchObject({ format: 'certkeep-backup', keks: [{ id, state: 'sealing' }] });
  expect(JSON.parse(keys).keys.keks).toEqual([]);
});

test('every table of the schema is in a backup but those that tell of what runs', async () => {
  const database = await emptyDatabase();
  const tables = Object.keys(await digestOf(database));
  expect([...TABLES].sort()).toEqual(tables);
});

/** What a server whose schema ended with one migration less would have written. */
async function asOfBefore(content: string): Promise<Uint8Array> {
  const later = ['expiry_watches', 'expiry_notices', 'webhook_messages'];
  const [first = '', ...lines] = content.split('\n');
  const header = JSON.parse(first);
  header.migrations = header.migrations.slice(0, -1);
  const end = JSON.parse(lines.at(-2) as string);
  const begin = lines.findIndex((line) => line.startsWith(`{"table":"${later[0]}"`));
  for (const table of later) {
    delete end.rows[table];
  }
  const before = `${[JSON.stringify(header), ...lines.slice(0, begin)].join('\n')}\n`;
  end.sha256 = createHash('sha256').update(before).digest('hex');
  const encrypter = new Encrypter();
  encrypter.setPassphrase(PASSPHRASE);
  encrypter.setScryptWorkFactor(8);
  return encrypter.encrypt(gzipSync(`${before}${JSON.stringify(end)}\n`));
}

async function plainOf(path: string): Promise<string> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(PASSPHRASE);
  return gunzipSync(await decrypter.decrypt(await readFile(path))).toString('utf8');
}

test('a backup of the version before is taken: what it knows nothing of begins anew', async () => {
  const target = await emptyDatabase();
  const path = join(await temporaryDirectory(), 'older.backup');
  await writeFile(path, await asOfBefore(await plainOf(await backUp(source, kek, PASSPHRASE))));
  await restoreInto(target, path, { kek, passphrase: PASSPHRASE });

  const [before, after] = [await digestOf(source), await digestOf(target)];
  const { expiry_watches: _watches, expiry_notices, webhook_messages, ...rest } = after;
  expect(before).toMatchObject(rest);
  expect([expiry_notices, webhook_messages]).toEqual(['0 ', '0 ']);
  expect(await target.query("SELECT FROM expiry_watches WHERE next_at = 'epoch'")).toHaveLength(2);
  expect(await openedKeysOf(target, kek)).toEqual(await openedKeysOf(source, kek));
});

test('a principal that comes after a restore gets a number that nobody had, also not one who is gone', async () => {
  const target = await emptyDatabase();
  const add = async (database: TestDatabase) => {
    const rows = await database.query<{ number: number }>(
      'INSERT INTO principals (id, username) VALUES (gen_random_uuid(), gen_random_uuid()) RETURNING number',
    );
    return rows[0]?.number ?? 0;
  };
  const gone = await add(source);
  await source.query('DELETE FROM principals WHERE number = $1', [gone]);
  await restoreInto(target, await backUp(source, kek), { kek });
  expect(await add(target)).toBe(gone + 1);
});

test('another backup that takes the place of the verified one is not restored', async () => {
  const target = await emptyDatabase();
  const [path, other] = [await backUp(source, kek), await readFile(await backUp(source, kek))];
  const restoring = restoreInto(target, path, { kek, onVerified: () => writeFile(path, other) });
  await expect(restoring).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  expect(await filledTables(target)).toEqual([]);
});

test('a store that holds anything is left as it is', async () => {
  const target = await emptyDatabase();
  const path = await backUp(source, kek);
  await commandOn(target, kek);
  const before = await digestOf(target);
  await expect(restoreInto(target, path, { kek })).rejects.toMatchObject({ code: 'STORE_NOT_EMPTY' });
  expect(await digestOf(target)).toEqual(before);
});

test('nobody else writes to a store while it is filled: a server that begins meanwhile waits', async () => {
  const target = await createDatabase();
  onTestFinished(() => target.drop());
  const restoration = await beginRestoration(target.url);
  const insert = "INSERT INTO keks (id, state, canary) VALUES (gen_random_uuid(), 'sealing', '\\x00')";
  try {
    await expect(target.query(`SET lock_timeout = '100ms'; ${insert}`)).rejects.toMatchObject({ code: '55P03' });
  } finally {
    await restoration.close();
  }
  await target.query(insert);
});

test('lines and rows are found however the bytes are cut', async () => {
  // Of what the end of rows is made of, so that much looks like it.
  const rows = fc.array(fc.stringMatching(/^[.x]{0,2}(\\\\)?[.x]{0,2}$/), { maxLength: 8 });
  const cuts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(rows, rows, cuts, async (one, other, sizes) => {
      const inText = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
      const text = Buffer.from(`{1}\n${inText(one)}\\.\n{2}\n${inText(other)}\\.\n{3}\n`);
      async function* pieces() {
        for (let at = 0, index = 0; at < text.length; index++) {
          const size = sizes[index % sizes.length] as number;
          yield text.subarray(at, at + size);
          at += size;
        }
      }
      const lines = byteLines(pieces());
      const read: string[] = [];
      const all = async () => {
        let found = '';
        for await (const piece of lines.rows()) {
          found += piece.toString();
        }
        return found;
      };
      const line = async () => String(await lines.line());
      read.push(await line(), await all(), await line(), await all(), await line(), await line());
      expect(read).toEqual(['{1}', inText(one), '{2}', inText(other), '{3}', 'undefined']);
    }),
  );
});
