import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { statementsOf, unborneStatements } from './support/expand.ts';
import { hasHistory, previousMigrations } from './support/previous-version.ts';

/** What the rules can't know to be harmless, and why it is. */
const DECLARED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '20261128000000_expiry_and_webhooks': {
    'CREATE UNIQUE INDEX "keypairs_realm_scope_managed_key"':
      'Of the names that it covers the version before writes none: it manages signing keys alone, under a name of its own.',
    'CREATE TRIGGER "keypairs_watch_expiry_of_new"':
      'It writes a row that no other writer touches, into a table whose only constraint is its key, and overwrites one that is there.',
    'CREATE TRIGGER "keypairs_watch_expiry_of_renewed"': 'The same; the rolling upgrade of this folder runs both.',
  },
};

const directory = new URL('../../prisma/migrations/', import.meta.url);
const known = new Set(hasHistory ? previousMigrations() : []);
const newer = readdirSync(directory, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !known.has(entry.name))
  .map(({ name }) => name);

test.runIf(hasHistory)(
  'each migration that is newer than the previous version only adds what that one need not know',
  () => {
    for (const name of newer) {
      const declared = Object.keys(DECLARED[name] ?? {});
      const unborne = unborneStatements(readFileSync(new URL(`${name}/migration.sql`, directory), 'utf8'));
      const undeclared = unborne.filter((statement) => !declared.some((begin) => statement.startsWith(begin)));
      expect([name, undeclared]).toEqual([name, []]);
      // A declaration that outlived its statement would excuse another one.
      expect(declared.filter((begin) => !unborne.some((statement) => statement.startsWith(begin)))).toEqual([]);
    }
  },
);

test.runIf(hasHistory)('no migration of the previous version is gone', () => {
  expect(readdirSync(directory)).toEqual(expect.arrayContaining([...known]));
});

test.each([
  'DROP TABLE "keypairs"',
  'DROP INDEX "keypairs_not_after_idx"',
  'ALTER TABLE "keypairs" DROP COLUMN "name"',
  'ALTER TABLE "keypairs" RENAME COLUMN "name" TO "label"',
  'ALTER TABLE "keypairs" RENAME TO "pairs"',
  "ALTER TYPE \"realm\" RENAME VALUE 'astra' TO 'a'",
  'ALTER TYPE "realm" ADD VALUE \'other\'',
  'ALTER TABLE "keypairs" ALTER COLUMN "chain" SET NOT NULL',
  'ALTER TABLE "keypairs" ALTER COLUMN "name" TYPE VARCHAR(20)',
  'ALTER TABLE "keypairs" ADD COLUMN "a" TEXT NOT NULL',
  'ALTER TABLE "keypairs" ADD COLUMN "a" TEXT, ADD COLUMN "b" INTEGER NOT NULL',
  'ALTER TABLE "keypairs" ADD COLUMN "a" TEXT, ALTER COLUMN "name" DROP DEFAULT',
  'ALTER TABLE "keypairs" ADD COLUMN "a" TEXT CHECK (a <> b)',
  'ALTER TABLE "keypairs" ADD CONSTRAINT "c" CHECK ("name" <> \'\')',
  'ALTER TABLE "keypairs" ADD COLUMN "a" UUID DEFAULT gen_random_uuid()',
  'ALTER TABLE "keypairs" ADD COLUMN "a" TEXT GENERATED ALWAYS AS ("name") STORED',
  'CREATE UNIQUE INDEX "u" ON "keypairs"("name")',
  'CREATE TRIGGER "t" BEFORE INSERT ON "keypairs" FOR EACH ROW EXECUTE FUNCTION f()',
  'UPDATE "keypairs" SET "name" = upper("name")',
  'DELETE FROM "events"',
  'REVOKE ALL ON "events" FROM PUBLIC',
  'LOCK TABLE "keypairs"',
  'LOCK TABLE "keypairs" IN ACCESS EXCLUSIVE MODE',
  'ALTER TABLE "own" ADD CONSTRAINT "f" FOREIGN KEY ("id") REFERENCES "keypairs"("id") ON DELETE RESTRICT ON UPDATE CASCADE',
  'CREATE TABLE "other" ("id" UUID REFERENCES "keypairs"("id"), "cause" UUID REFERENCES "events"("id") ON DELETE CASCADE)',
])('the version before does not bear %s', (statement) => {
  const script = `-- a remark; with a semicolon\nCREATE TABLE "own" ("id" UUID);\n${statement};\n`;
  expect(unborneStatements(script)).toHaveLength(1);
});

test.each([
  'ALTER TABLE "keypairs" ADD COLUMN "a" TEXT',
  'ALTER TABLE "keypairs" ADD COLUMN "a" INTEGER NOT NULL DEFAULT 0, ADD COLUMN "b" NUMERIC(10, 2)',
  'CREATE INDEX "i" ON "keypairs"("name")',
  'LOCK TABLE "keypairs" IN EXCLUSIVE MODE',
  'ALTER TABLE "own" ADD CONSTRAINT "c" CHECK ("id" IS NOT NULL)',
  'ALTER TABLE "own" ADD CONSTRAINT "f" FOREIGN KEY ("id") REFERENCES "keypairs"("id") ON DELETE CASCADE ON UPDATE RESTRICT',
  'ALTER TABLE "own" ADD CONSTRAINT "f" FOREIGN KEY ("id") REFERENCES "own"("id") ON DELETE RESTRICT',
  'CREATE UNIQUE INDEX "u" ON "own"("id")',
  'INSERT INTO own SELECT id FROM keypairs',
])('the version before bears %s', (statement) => {
  expect(unborneStatements(`CREATE TABLE "own" ("id" UUID);\n${statement};`)).toEqual([]);
});

test('what is quoted or commented away ends no statement', () => {
  const script = `SELECT ';''--'; /* ; */ CREATE FUNCTION f() AS $$ a; b; $$; -- c;\nSELECT $x$ ; $x$`;
  expect(statementsOf(script)).toHaveLength(3);
});
