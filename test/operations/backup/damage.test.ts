import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Decrypter, Encrypter } from 'age-encryption';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateKek } from '../../../src/sealing/index.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { filledTables } from './support/digest.ts';
import { backUp, emptyDatabase, multiply, restoreInto, seed, temporaryDirectory } from './support/stores.ts';

const KEK = generateKek();
const PASSPHRASE = 'correct horse battery staple';

let target: TestDatabase;
/** How often a refused file was let as far as the store. */
let opened = 0;
beforeAll(async () => {
  target = await createDatabase();
});
afterAll(() => target.drop());

/** Why a file is refused; undefined where it is not. */
async function refusalOf(content: Uint8Array, options: Parameters<typeof restoreInto>[2]): Promise<string | undefined> {
  const path = join(await temporaryDirectory(), 'store.backup');
  await writeFile(path, content);
  try {
    await restoreInto(target, path, { ...options, onOpen: () => opened++ });
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

/** A file of age's that holds this, under the passphrase. */
async function aged(content: string | Uint8Array): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(PASSPHRASE);
  encrypter.setScryptWorkFactor(8);
  return encrypter.encrypt(content);
}

describe('of a backup of several of age’s chunks', () => {
  let made: ReturnType<typeof make> | undefined;
  async function make() {
    const source = await emptyDatabase();
    const { kek, pk } = await seed(source);
    await multiply(source, kek, pk, 300);
    return { kek, backup: await readFile(await backUp(source, kek)) };
  }
  /** Made in the first test, and once. */
  const sample = () => {
    made ??= make();
    return made;
  };

  test('a byte that is another one is found, wherever it stands, before anything is written', async () => {
    const { backup, kek } = await sample();
    expect(backup.length).toBeGreaterThan(2 * 65_552);
    const header = backup.indexOf('\n---') + 48;
    const positions = [
      ...Array.from({ length: 25 }, (_, index) => Math.floor((index * header) / 25)),
      ...Array.from({ length: 25 }, (_, index) => header + Math.floor((index * (backup.length - header)) / 25)),
      ...Array.from({ length: 17 }, (_, index) => backup.length - 1 - index),
    ];
    const codes = new Map<string | undefined, number>();
    for (const position of positions) {
      const damaged = Buffer.from(backup);
      damaged[position] = (damaged[position] as number) ^ 0x04;
      const code = await refusalOf(damaged, { kek });
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect([opened, await filledTables(target)]).toEqual([0, []]);
    expect(codes.has(undefined)).toBe(false);
    expect([...codes.keys()].sort()).toEqual(['BACKUP_DAMAGED', 'NOT_A_BACKUP', 'WRONG_KEY']);
    process.stdout.write(`${positions.length} damaged backups refused: ${JSON.stringify(Object.fromEntries(codes))}\n`);
  });

  test('no beginning of it is taken for the whole', async () => {
    const { backup, kek } = await sample();
    const boundaries = [0, 1, 65_552, backup.length - 1, backup.length - 16].map((length) => fc.constant(length));
    const lengths = fc.oneof(fc.nat(backup.length - 1), ...boundaries);
    await fc.assert(
      fc.asyncProperty(lengths, async (length) => {
        const code = await refusalOf(backup.subarray(0, length), { kek });
        expect(['BACKUP_DAMAGED', 'NOT_A_BACKUP']).toContain(code);
      }),
      { numRuns: 40 },
    );
    expect([opened, await filledTables(target)]).toEqual([0, []]);
  });

  test('a file that is damaged after it was verified leaves the store empty, although rows of it were put in', async () => {
    const { backup, kek } = await sample();
    const path = join(await temporaryDirectory(), 'store.backup');
    await writeFile(path, backup);
    const damaged = Buffer.from(backup);
    damaged[backup.length - 20] = (backup[backup.length - 20] as number) ^ 1;
    const tables: string[] = [];
    const restoring = restoreInto(target, path, {
      kek,
      onVerified: () => writeFile(path, damaged),
      onTable: (table) => void tables.push(table),
    });
    await expect(restoring).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect(tables).toContain('keypairs');
    expect(await filledTables(target)).toEqual([]);
  });

  test('nothing behind it is let pass', async () => {
    const { backup, kek } = await sample();
    expect(await refusalOf(Buffer.concat([backup, randomBytes(20)]), { kek })).toBe('BACKUP_DAMAGED');
    expect(await refusalOf(Buffer.concat([backup, backup]), { kek })).toBe('BACKUP_DAMAGED');
    expect([opened, await filledTables(target)]).toEqual([0, []]);
  });
});

describe('a file that somebody else sealed is refused where it holds', () => {
  const header = {
    format: 'certkeep-backup',
    version: 1,
    id: '5f0c5b39-4c4b-4a9c-b9dc-3d4b8f4bb24e',
    certkeep: '0.1.0',
    createdAt: '2026-01-02T03:04:05.678Z',
    migrations: ['20261121000000_init'],
    keks: [],
    principalNumber: null,
  };
  const keys = { keys: { keks: [KEK], auditKeys: [] } };
  const lines = (...records: object[]) => gzipSync(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  const end = { rows: {}, sha256: '0'.repeat(64) };

  test.each<[string, string | Uint8Array, string]>([
    ['a text', 'Dear diary', 'BACKUP_DAMAGED'],
    ['JSON of another kind', lines({ format: 'something' }), 'NOT_A_BACKUP'],
    ['a later version of the format', lines({ ...header, version: 2, keks: 'others' }), 'BACKUP_NEWER'],
    [
      'a store that was migrated further',
      lines({ ...header, migrations: ['29991231000000_later'] }, keys),
      'BACKUP_NEWER',
    ],
    ['a wrong digest', lines(header, keys, end), 'BACKUP_DAMAGED'],
    ['no end', lines(header, keys), 'BACKUP_DAMAGED'],
    [
      'a table that no backup holds',
      lines(header, keys, { table: 'pg_authid', columns: ['rolname'] }),
      'BACKUP_DAMAGED',
    ],
    [
      'a column that is SQL',
      lines(header, keys, { table: 'keks', columns: ["id\") FROM PROGRAM 'id' --"] }),
      'BACKUP_DAMAGED',
    ],
  ])('%s', async (_what, content, code) => {
    expect(await refusalOf(await aged(content), { kek: KEK, passphrase: PASSPHRASE })).toBe(code);
    expect([opened, await filledTables(target)]).toEqual([0, []]);
  });

  test('no age file at all, and nothing', async () => {
    expect(await refusalOf(gzipSync('x'), { kek: KEK })).toBe('NOT_A_BACKUP');
    expect(await refusalOf(new Uint8Array(), { kek: KEK })).toBe('NOT_A_BACKUP');
  });
});

describe('of a backup that somebody opened, changed and sealed again', () => {
  /** Up to its last line, and that one; its digest is made anew. */
  type Change = (body: string, end: { readonly rows: Record<string, number> }) => [string, object, string?];

  async function plainBackup() {
    const source = await emptyDatabase();
    const { kek } = await seed(source);
    const decrypter = new Decrypter();
    decrypter.addPassphrase(PASSPHRASE);
    const sealed = await readFile(await backUp(source, kek, PASSPHRASE));
    const [body, end] = gunzipSync(await decrypter.decrypt(sealed))
      .toString()
      .split(/(?<=\n)(?=\{"rows":)/);
    return { kek, body: body as string, end: JSON.parse(end as string) };
  }
  let made: ReturnType<typeof plainBackup> | undefined;

  async function refusalOfChanged(change: Change) {
    made ??= plainBackup();
    const { kek, body, end } = await made;
    const [changed, record, behind = ''] = change(body, end);
    expect([changed, record, behind]).not.toEqual([body, end, '']);
    const sha256 = createHash('sha256').update(changed).digest('hex');
    const path = join(await temporaryDirectory(), 'store.backup');
    await writeFile(path, await aged(gzipSync(`${changed}${JSON.stringify({ ...record, sha256 })}\n${behind}`)));
    let isOpened = false;
    const restoring = restoreInto(target, path, { kek, passphrase: PASSPHRASE, onOpen: () => (isOpened = true) });
    const { code, message } = await restoring.then(() => ({ code: undefined, message: '' })).catch((error) => error);
    expect(await filledTables(target)).toEqual([]);
    return { code, message, isOpened };
  }

  test.each<[string, Change]>([
    ['a line behind the end', (body, end) => [body, end, '{}\n']],
    ['a row less than it tells', (body, { rows }) => [body, { rows: { ...rows, tokens: (rows['tokens'] ?? 0) + 1 } }]],
    ['a table twice', (body, end) => [`${body}{"table":"event_batch_drops","columns":["first_id"]}\n\\.\n`, end]],
  ])('%s is found before the store is touched', async (_what, change) => {
    expect(await refusalOfChanged(change)).toMatchObject({ code: 'BACKUP_DAMAGED', isOpened: false });
  });

  test.each<[string, string, RegExp, string]>([
    ['an unknown column', 'tokens', /("table":"tokens","columns":\[)"id"/, '$1"nothing"'],
    ['a column twice', 'tokens', /("table":"tokens","columns":\[)"id"/, '$1"id","id"'],
    ['a value that is none', 'tokens', /("table":"tokens"[^\n]*\n)[^\t]*/, '$1no-uuid'],
    ['a key of no pair', 'sealed_secrets', /("table":"sealed_secrets"[^\n]*\n).{8}/, '$100000000'],
  ])('%s is told of by the name of its table, and leaves the store empty', async (_what, table, pattern, by) => {
    const { code, message } = await refusalOfChanged((body, end) => [body.replace(pattern, by), end]);
    expect([code, message]).toEqual(['BACKUP_DAMAGED', expect.stringMatching(`the rows of ${table}$`)]);
  });
});
