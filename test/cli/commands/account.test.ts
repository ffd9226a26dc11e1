import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { accountCommands } from '../../../src/cli/commands/account.ts';
import { UsageError } from '../../../src/cli/commands/command.ts';
import type { Store } from '../../../src/operations/index.ts';
import { generateKek } from '../../../src/sealing/index.ts';
import { ACTOR, openServices } from '../../keypairs/support.ts';
import { anEntry } from '../../keypairs/trust/support.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { opensslPair } from '../../support/openssl.ts';
import { run as runProgram } from '../../support/process.ts';
import { catchingOutput } from './support/run.ts';

const kek = generateKek();
let database: TestDatabase;
let server: Store;
beforeAll(async () => {
  database = await createDatabase();
  server = await openServices(database, kek);
  vi.stubEnv('DATABASE_URL', database.url);
  vi.stubEnv('CERTKEEP_KEK', kek);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
  await database.drop();
});

const run = catchingOutput(accountCommands);
const create = async (...parameters: string[]) => (await run('account create', ...parameters)).out.trim();
const aName = () => `account ${randomUUID()}`;

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly certificates: number;
  readonly created: string;
}
const listed = async () => JSON.parse((await run('account list', '--json')).out) as Listed[];

describe('account create', () => {
  it('prints the id alone, of an account that the server has', async () => {
    const name = aName();
    const { code, out, error } = await run('account create', '--name', name);

    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(out).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n$/);
    expect(await server.accounts.find(out.trim())).toMatchObject({ name });
  });

  it('gives the id that scripts have in them, and is told of in an event that names the operator', async () => {
    const id = randomUUID();
    expect(await create('--name', aName(), '--id', id)).toBe(id);
    const events = await database.query('SELECT action, username FROM events WHERE model_pk = $1', [
      id.replaceAll('-', ''),
    ]);
    expect(events).toEqual([{ action: 'model_created', username: 'operator' }]);
  });

  it('refuses a name or an id that is taken or none, with a sentence and the exit code 1', async () => {
    const name = aName();
    const id = await create('--name', name);
    const refused = async (message: RegExp, ...parameters: string[]) =>
      expect(await run('account create', ...parameters)).toEqual({
        code: 1,
        out: '',
        error: expect.stringMatching(message),
      });

    await refused(/^an account of this name exists\n$/, '--name', name);
    await refused(/^an account of this id exists\n$/, '--name', aName(), '--id', id);
    await refused(/UUID of version 4 or 5/, '--name', aName(), '--id', 'lab');
    await refused(/1 to 1024 bytes/, '--name', ' ');
    expect((await listed()).filter((account) => account.name === name)).toHaveLength(1);
  });
});

describe('account list', () => {
  it('shows each account with its name, its certificates and when it was made', async () => {
    const name = aName();
    const id = await create('--name', name);
    await server.trust.add(ACTOR, id, anEntry(opensslPair().certificate));
    const { code, out } = await run('account list');

    expect(code).toBe(0);
    expect(out.split('\n')[0]).toMatch(/^ID {36}NAME +CERTIFICATES +CREATED$/);
    expect(out).toMatch(new RegExp(`^${id}  ${name} +1 +20\\S+Z$`, 'm'));
    expect((await listed()).find((account) => account.id === id)).toEqual({
      id,
      name,
      certificates: 1,
      created: expect.stringMatching(/^20\S+Z$/),
    });
  });

  it('lets no name steer the terminal', async () => {
    await create('--name', `a\u202eb ${randomUUID()}`);
    const { out } = await run('account list');
    expect(out).toContain(String.raw`a\u{202e}b`);
    expect(out).not.toContain('\u202e');
  });
});

describe('account rename', () => {
  it('gives another name, by the id and by the name', async () => {
    const [first, second, third] = [aName(), aName(), aName()];
    const id = await create('--name', first);
    const done = { code: 0, out: 'renamed\n', error: '' };

    expect(await run('account rename', id, '--name', second)).toEqual(done);
    expect(await run('account rename', second, '--name', third)).toEqual(done);
    expect(await server.accounts.find(id)).toMatchObject({ name: third });
  });

  it('refuses a name that is taken', async () => {
    const [name, other] = [aName(), aName()];
    await create('--name', name);
    await create('--name', other);
    expect(await run('account rename', name, '--name', other)).toMatchObject({
      code: 1,
      error: 'an account of this name exists\n',
    });
  });
});

describe('account delete', () => {
  it('deletes an account by its name or id, but not while it keeps certificates', async () => {
    const name = aName();
    const id = await create('--name', name);
    const { id: certificate } = await server.trust.add(ACTOR, id, anEntry(opensslPair().certificate));

    const inUse = { code: 1, out: '', error: 'the account still keeps certificates: delete these first\n' };
    expect(await run('account delete', name)).toEqual(inUse);
    expect(await run('account delete', id)).toEqual(inUse);
    await server.trust.remove(ACTOR, id, certificate, () => {});
    expect(await run('account delete', name)).toEqual({ code: 0, out: 'deleted\n', error: '' });
    expect(await server.accounts.find(id)).toBeUndefined();
  });
});

it.each([
  ['account rename', 'Lab 7', '--name', 'x'],
  ['account delete', 'Lab 7'],
])('%s names the account that is not there', async (command, ...parameters) => {
  expect(await run(command, ...parameters)).toEqual({ code: 1, out: '', error: 'there is no account "Lab 7"\n' });
});

it.each([
  ['account create', [], '--name is missing'],
  ['account create', ['--name', 'x', 'more'], ''],
  ['account rename', ['x'], '--name is missing'],
  ['account rename', ['--name', 'x'], 'a name is missing, or is one too many'],
  ['account delete', [], 'a name is missing, or is one too many'],
  ['account list', ['--all'], ''],
])('%s does not understand %j', async (command, parameters, message) => {
  const failure = await run(command, ...parameters).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UsageError);
  expect((failure as UsageError).message).toContain(message);
});

it('the program knows the commands, and looks for no account where there is no store', async () => {
  const home = await mkdtemp(join(tmpdir(), 'certkeep-cli-'));
  const nowhere = join(home, 'data');
  const command = (environment: Record<string, string>, ...words: string[]) =>
    runProgram('src/cli/main.ts', words, environment);
  const here = { DATABASE_URL: database.url, CERTKEEP_KEK: kek };
  const programs = [
    command(here, 'account', 'list'),
    command(here, 'account', 'rename', 'x'),
    command({ CERTKEEP_DATA_DIR: nowhere }, 'account', 'delete', 'x'),
    command(
      { CERTKEEP_DATA_DIR: nowhere },
      ...['token', 'create', '--username', 'x', '--role', 'admin', '--realm', 'astra:x'],
    ),
  ];
  const [done, misunderstood, ...failed] = await Promise.all(programs.map(({ ended }) => ended));

  expect([done, misunderstood]).toEqual([0, 64]);
  expect(programs[1]?.output()).toContain('certkeep account rename ACCOUNT --name NAME');
  expect(failed).not.toContain(0);
  expect(existsSync(nowhere)).toBe(false);
  await rm(home, { recursive: true });
});
