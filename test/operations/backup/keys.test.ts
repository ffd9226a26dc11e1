import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Decrypter } from 'age-encryption';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateAuditKey } from '../../../src/audit/index.ts';
import { generateKek } from '../../../src/sealing/index.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { registerSecret } from '../../support/leaks/secrets.ts';
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

const code = (expected: string) => expect.objectContaining({ code: expected });

test('a backup under the KEK opens with that one alone, and none is refused like a wrong one: nothing is written', async () => {
  const target = await emptyDatabase();
  const path = await backUp(source, kek);

  await expect(restoreInto(target, path, {})).rejects.toEqual(code('KEK_MISSING'));
  await expect(restoreInto(target, path, { kek: generateKek() })).rejects.toEqual(code('WRONG_KEY'));
  await expect(restoreInto(target, path, { passphrase: PASSPHRASE })).rejects.toEqual(code('KEK_MISSING'));
  expect(await filledTables(target)).toEqual([]);
  await restoreInto(target, path, { kek: `${generateKek()} ${kek}` });
  expect(await digestOf(target)).toEqual(await digestOf(source));
});

test('a backup under a passphrase brings the KEKs along, into a new file that the owner alone may read', async () => {
  const target = await emptyDatabase();
  const path = await backUp(source, kek, PASSPHRASE);
  const kekFile = join(await temporaryDirectory(), 'kek');

  await expect(restoreInto(target, path, { kekFile })).rejects.toEqual(code('PASSPHRASE_NEEDED'));
  await expect(restoreInto(target, path, { kekFile, passphrase: `${PASSPHRASE} ` })).rejects.toEqual(
    code('WRONG_PASSPHRASE'),
  );
  await expect(restoreInto(target, path, { passphrase: PASSPHRASE })).rejects.toEqual(code('KEK_DESTINATION_MISSING'));
  await expect(restoreInto(target, path, { kekFile: path, passphrase: PASSPHRASE })).rejects.toEqual(
    code('FILE_EXISTS'),
  );
  await expect(restoreInto(target, path, { kek: generateKek(), passphrase: PASSPHRASE })).rejects.toEqual(
    code('WRONG_KEY'),
  );
  expect(await filledTables(target)).toEqual([]);

  const { keyFiles } = await restoreInto(target, path, { kekFile, passphrase: PASSPHRASE });
  expect(keyFiles).toEqual([kekFile]);
  expect((await stat(kekFile)).mode & 0o777).toBe(0o600);
  expect(readFileSync(kekFile, 'utf8')).toBe(`${kek}\n`);
  expect(await openedKeysOf(target, readFileSync(kekFile, 'utf8'))).toEqual(await openedKeysOf(source, kek));
});

test('a restore that ended just before its commit is made again by the same command, with the key file that it left', async () => {
  const target = await emptyDatabase();
  const path = await backUp(source, kek, PASSPHRASE);
  const kekFile = join(await temporaryDirectory(), 'kek');
  await target.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$;
    CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON tokens DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`);
  await expect(restoreInto(target, path, { kekFile, passphrase: PASSPHRASE })).rejects.toThrow('not now');
  await target.query('DROP FUNCTION refuse CASCADE');
  expect([readFileSync(kekFile, 'utf8'), await filledTables(target)]).toEqual([`${kek}\n`, []]);

  expect(await restoreInto(target, path, { kekFile, passphrase: PASSPHRASE })).toMatchObject({ keyFiles: [kekFile] });
  expect(await digestOf(target)).toEqual(await digestOf(source));
});

test('a check says the same as a restore, and writes nothing: no row and no file', async () => {
  const target = await emptyDatabase();
  const path = await backUp(source, kek, PASSPHRASE);
  const kekFile = join(await temporaryDirectory(), 'kek');

  await restoreInto(target, path, { kekFile, passphrase: PASSPHRASE, checksOnly: true });
  await expect(stat(kekFile)).rejects.toEqual(code('ENOENT'));
  expect(await filledTables(target)).toEqual([]);
  await expect(restoreInto(target, path, { kek: generateKek(), checksOnly: true })).rejects.toEqual(
    code('PASSPHRASE_NEEDED'),
  );
});

test('anybody’s age opens a backup under a passphrase, and finds rows as pg_dump writes them', async () => {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(PASSPHRASE);
  const sealed = await readFile(await backUp(source, kek, PASSPHRASE));
  const lines = gunzipSync(await decrypter.decrypt(sealed))
    .toString('utf8')
    .split('\n');

  expect(JSON.parse(lines[0] as string)).toMatchObject({ format: 'certkeep-backup', version: 1 });
  expect(JSON.parse(lines[1] as string)).toMatchObject({ keys: { keks: [kek] } });
  const { columns } = JSON.parse(lines[2] as string);
  expect(columns).toEqual(['id', 'username', 'created_at', 'number']);
  const [bootstrap] = await source.query<{ row: string }>(
    `SELECT concat_ws(E'\\t', id, username, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), number) AS row
      FROM principals WHERE username = 'bootstrap'`,
  );
  const withoutZone = lines.map((line) => line.replace(/(\.\d+)\+00/, (_, fraction) => fraction.padEnd(7, '0')));
  expect(withoutZone).toContain(bootstrap?.row);
});

test('audit keys that no KEK gives come along, and the restored trail is sound with them', async () => {
  const auditKey = generateAuditKey();
  registerSecret('audit-key', auditKey);
  const [trailed, target] = [await emptyDatabase(), await emptyDatabase()];
  const store = await commandOn(trailed, kek, auditKey);
  await store.tokens.create({
    ...{ username: 'somebody', identifier: 'somebody', description: '', expiresAt: null, isSuperuser: true },
    ...{ grants: [], reach: [] },
  });
  const path = join(await temporaryDirectory(), 'store.backup');
  await store.backups.write({ destination: path, replaces: false, passphrase: undefined, onTable() {} });

  await expect(restoreInto(target, path, { kek })).rejects.toEqual(code('AUDIT_KEY_MISSING'));
  await expect(restoreInto(target, path, { kek, auditKey: generateAuditKey() })).rejects.toEqual(
    code('AUDIT_KEY_MISSING'),
  );
  expect(await filledTables(target)).toEqual([]);
  const auditKeyFile = join(await temporaryDirectory(), 'audit-key');
  expect(await restoreInto(target, path, { kek, auditKeyFile })).toMatchObject({ keyFiles: [auditKeyFile] });
  expect(await readFile(auditKeyFile, 'utf8')).toBe(`${auditKey}\n`);
  const findings: unknown[] = [];
  const restored = await commandOn(target, kek, auditKey);
  const { unsealedEvents } = await restored.audit.verify([], (finding) => findings.push(finding));
  expect([findings, unsealedEvents]).toEqual([[], 2]);
});

test('whoever makes a backup is told of in the trail, and the backup tells it too', async () => {
  const target = await emptyDatabase();
  const path = join(await temporaryDirectory(), 'nightly.backup');
  await backUp(source, kek, undefined, path);
  await restoreInto(target, path, { kek });

  const [event] = await target.query(
    `SELECT action, app, username, model_app, model_name, context::jsonb AS context FROM events
      WHERE model_name = 'backup' AND context LIKE '%nightly.backup%'`,
  );
  expect(event).toMatchObject({
    ...{ action: 'secret_view', app: 'certkeep.backup', username: 'operator' },
    ...{ model_app: 'certkeep', context: { sealed_under: 'kek', secret: { name: 'nightly.backup' } } },
  });
});

test('what each refusal asks for stands in the docs', async () => {
  const [source, docs] = await Promise.all(
    ['src/operations/backup/errors.ts', 'docs/operations/backup.md'].map((path) => readFile(path, 'utf8')),
  );
  const codes = [...(source as string).matchAll(/^ {2}\| '(\w+)'/gm)].map(([, found]) => found);
  const told = [...(docs as string).matchAll(/`([A-Z]+(?:_[A-Z]+)+)`(?=[^|\n]*\|)/g)].map(([, found]) => found);
  expect(codes.length).toBeGreaterThan(10);
  expect(codes.filter((found) => !told.includes(found))).toEqual([]);
});
