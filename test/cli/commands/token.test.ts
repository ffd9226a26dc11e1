import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OPERATOR } from '../../../src/audit/index.ts';
import { UsageError } from '../../../src/cli/commands/command.ts';
import { tokenCommands } from '../../../src/cli/commands/token.ts';
import { generateKek } from '../../../src/sealing/index.ts';
import { run as runProgram } from '../../support/process.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { catchingOutput } from './support/run.ts';

let server: TestServer;
let home: string;
const kek = generateKek();
beforeAll(async () => {
  server = await startServer({ kek });
  home = await mkdtemp(join(tmpdir(), 'certkeep-cli-'));
  vi.stubEnv('DATABASE_URL', server.database.url);
  vi.stubEnv('CERTKEEP_KEK', kek);
  vi.stubEnv('CERTKEEP_DATA_DIR', home);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
  await rm(home, { recursive: true });
});

const command = catchingOutput(tokenCommands);
const run = (verb: string, ...parameters: string[]) => command(`token ${verb}`, ...parameters);

const described = async (identifier: string) => JSON.parse((await run('describe', identifier, '--json')).out);
const stored = async () => (await server.database.query('SELECT 1 FROM tokens')).length;

describe('token create', () => {
  it('prints the token alone, which the server lets in with the rights that it was given', async () => {
    const identifier = randomUUID();
    const { code, out, error } = await run(
      'create',
      '--username',
      ' ci ',
      '--identifier',
      identifier,
      '--role',
      'reader',
    );

    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(out).toMatch(/^certkeep_[\w-]{43}\n$/);
    const answer = await server.request('GET', '/api/v3/core/tokens/', undefined, {
      authorization: `Bearer ${out.trim()}`,
    });
    expect(answer.status).toBe(200);
    expect(await described(identifier)).toMatchObject({
      username: 'ci',
      is_superuser: false,
      permissions: ['view_certificatekeypair', 'view_certificatekeypair_certificate'],
      reach: ['authentik'],
      expires: null,
      state: 'active',
    });
  });

  it('takes permissions on everything and on one keypair, realms, a description and an end', async () => {
    const pair = (await (
      await server.request('POST', `${PAIRS}generate/`, { common_name: randomUUID(), validity_days: 1, alg: 'ed25519' })
    ).json()) as { pk: string };
    const identifier = randomUUID();
    const grant = `view_certificatekeypair_key@${pair.pk}`;
    const before = Date.now();
    await run(
      ...([
        'create',
        '--username',
        'ci',
        '--identifier',
        identifier,
        '--description',
        'builds',
        '--expires',
        '12h',
      ] as const),
      ...['--permission', 'view_event', '--permission', grant, '--realm', 'authentik', '--realm', 'strata:42'],
    );
    const token = await described(identifier);

    expect(token).toMatchObject({
      description: 'builds',
      permissions: ['view_event', grant],
      reach: ['authentik', 'strata:42'],
    });
    expect(Date.parse(token.expires) - before).toBeGreaterThanOrEqual(12 * 3_600_000);
    expect(Date.parse(token.expires) - before).toBeLessThan(12 * 3_600_000 + 60_000);
  });

  it.each([
    [
      'a keypair that is not there',
      ['--permission', `view_certificatekeypair@${randomUUID()}`],
      /keypair that is not there/,
    ],
    ['an identifier that is taken', ['--identifier', 'bootstrap'], /identifier exists, or existed/],
    ['an identifier that is no slug', ['--identifier', 'a b'], /letters, digits, hyphens/],
    ['an end in the past', ['--expires', '2020-01-01'], /expired already/],
    ['an end now', ['--expires', '0d'], /expired already/],
    ['a username of 151 characters', ['--username', 'x'.repeat(151)], /1 to 150 characters/],
  ])('refuses %s with a message and the exit code 1, and stores nothing', async (_what, parameters, message) => {
    const count = await stored();
    const { code, out, error } = await run('create', '--username', 'ci', ...parameters);

    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(error).toMatch(message);
    expect(await stored()).toBe(count);
  });

  it.each([
    [['--superuser'], '--username is missing'],
    [['--username', '  '], '--username is missing'],
    [['--username', 'ci', '--role', 'king'], 'there is no role king'],
    [['--username', 'ci', '--permission', 'fly'], 'there is no such permission'],
    [['--username', 'ci', '--permission', 'view_event@1'], "can't be held on a keypair"],
    [['--username', 'ci', '--realm', 'moon'], 'there is no such realm'],
    [['--username', 'ci', '--expires', 'soon'], '--expires takes a date'],
    [['--username', 'ci', 'more'], ''],
  ])('does not understand %j', async (parameters, message) => {
    const failure = await run('create', ...parameters).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect((failure as UsageError).message).toContain(message);
  });
});

describe('token create --realm astra', () => {
  const anAccount = () => server.accounts.create(OPERATOR, { name: `Lab ${randomUUID()}` });
  const made = async (...parameters: string[]) => {
    const identifier = randomUUID();
    const { error } = await run('create', '--username', 'ci', '--identifier', identifier, ...parameters);
    expect(error).toBe('');
    return described(identifier);
  };
  const SEES = ['view_certificatekeypair', 'view_certificatekeypair_certificate'];
  const WRITES = ['view', 'add', 'change', 'delete'].map((verb) => `${verb}_certificatekeypair`);

  it.each([
    ['viewer', SEES],
    ['member', SEES],
    ['admin', [...WRITES, 'view_certificatekeypair_certificate']],
    ['owner', [...WRITES, 'view_certificatekeypair_certificate']],
  ])(
    'gives the role %s what it may do in an account, which is named by its name or its id',
    async (role, permissions) => {
      const { id, name } = await anAccount();
      const rights = { is_superuser: false, permissions, reach: [`astra:${id}`] };
      expect(await made('--role', role, '--realm', `astra:${name}`)).toMatchObject(rights);
      expect(await made('--role', role, '--realm', `astra:${id}`)).toMatchObject(rights);
      expect(await made('--role', role, '--realm', 'astra')).toMatchObject({ ...rights, reach: ['astra'] });
    },
  );

  it('lets other roles, permissions and superusers into accounts beside other realms', async () => {
    const [one, other] = [await anAccount(), await anAccount()];
    const realms = ['--realm', `astra:${one.name}`, '--realm', 'authentik', '--realm', `astra:${other.name}`];
    const reach = [`astra:${one.id}`, 'authentik', `astra:${other.id}`];

    expect(await made('--role', 'operator', ...realms)).toMatchObject({ reach });
    expect(await made('--permission', 'view_event', ...realms)).toMatchObject({ reach, permissions: ['view_event'] });
    expect(await made('--superuser', ...realms)).toMatchObject({ reach, is_superuser: true });
  });

  it.each([
    ['a name', 'Lab 7'],
    ['an id', '6f0a4c5e-3b1d-4e27-9c80-0d4f5a6b7c8d'],
  ])('refuses an account that is not there, by %s, and stores nothing', async (_what, account) => {
    const count = await stored();
    const realms = ['--realm', 'astra', '--realm', `astra:${account}`];
    expect(await run('create', '--username', 'ci', '--role', 'admin', ...realms)).toEqual({
      code: 1,
      out: '',
      error: `there is no account "${account}"\n`,
    });
    expect(await stored()).toBe(count);
  });

  it.each([
    ['nowhere', []],
    ['elsewhere', ['--realm', 'authentik']],
    ['elsewhere too', ['--realm', 'astra', '--realm', 'strata:42']],
  ])('does not understand a role of Astra that reaches %s', async (_where, realms) => {
    for (const role of ['viewer', 'member', 'admin', 'owner']) {
      const failure = await run('create', '--username', 'ci', '--role', role, ...realms).catch(
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(UsageError);
      expect((failure as UsageError).message).toContain('--realm must give it astra or astra:');
    }
  });
});

describe('token revoke', () => {
  it('takes a token away: the server refuses it within five seconds; a second time it says so', async () => {
    const identifier = randomUUID();
    const key = (await run('create', '--username', 'ci', '--identifier', identifier)).out.trim();
    const status = async () =>
      (await server.request('GET', '/api/v3/core/tokens/', undefined, { authorization: `Bearer ${key}` })).status;
    expect(await status()).toBe(200);

    expect(await run('revoke', identifier)).toEqual({ code: 0, out: 'revoked\n', error: '' });
    await until(async () => (await status()) === 403, 5500);
    expect(await run('revoke', identifier)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^it was revoked already, at 20/),
    });
    expect(await described(identifier)).toMatchObject({ state: 'revoked' });
  });

  it('is told of in an event that names the operator', async () => {
    const identifier = randomUUID();
    await run('create', '--username', 'ci', '--identifier', identifier);
    await run('revoke', identifier);
    const events = await server.database.query(
      `SELECT action, username, token_id FROM events WHERE context::jsonb #>> '{model,name}' = $1 ORDER BY created_at`,
      [identifier],
    );

    expect(events).toEqual([
      { action: 'model_created', username: 'operator', token_id: null },
      { action: 'model_deleted', username: 'operator', token_id: null },
    ]);
  });

  it('does not know a token that never was', async () => {
    const unknown = { code: 1, out: '', error: 'there is no such token\n' };
    expect(await run('revoke', 'never-made')).toEqual(unknown);
    expect(await run('describe', 'never-made')).toEqual(unknown);
  });
});

describe('token list', () => {
  it('shows what each token may do, and its state; with --all the revoked ones too', async () => {
    const [active, expired, revoked] = ['active', 'expired', 'revoked'].map((state) => `${state}-${randomUUID()}`) as [
      string,
      string,
      string,
    ];
    for (const identifier of [active, expired, revoked]) {
      await run('create', '--username', 'list', '--identifier', identifier, '--permission', 'view_event');
    }
    await server.database.query(`UPDATE tokens SET expires_at = now() - interval '1 hour' WHERE identifier = $1`, [
      expired,
    ]);
    await run('revoke', revoked);
    const line = (text: string, identifier: string) => text.split('\n').find((row) => row.startsWith(identifier));
    const [some, all] = [(await run('list')).out, (await run('list', '--all')).out];

    expect(some.split('\n')[0]).toMatch(/^IDENTIFIER +USERNAME +RIGHTS +REACH +CREATED +EXPIRES +LAST USED +STATE$/);
    expect(line(some, active)).toMatch(/ list +view_event +authentik +20\S+Z +- +- +active$/);
    expect(line(some, expired)).toMatch(/expired$/);
    expect(line(some, 'bootstrap')).toMatch(/ bootstrap +all +authentik,strata,astra .* active$/);
    expect(line(some, revoked)).toBeUndefined();
    expect(line(all, revoked)).toMatch(/revoked$/);
    const json = JSON.parse((await run('list', '--all', '--json')).out) as { identifier: string; state: string }[];
    expect(json.find(({ identifier }) => identifier === revoked)).toMatchObject({
      state: 'revoked',
      permissions: ['view_event'],
    });
  });

  it('lets no name steer the terminal', async () => {
    const identifier = randomUUID();
    await run('create', '--username', 'a\u001b[2Jb\u202e', '--identifier', identifier, '--description', 'x\ny');
    const shown = (await run('list')).out + (await run('describe', identifier)).out;

    expect(shown).toContain(String.raw`a\u{1b}[2Jb\u{202e}`);
    expect(shown).toContain(String.raw`x\u{a}y`);
    expect(shown).not.toMatch(/[\u001b\u202e]/);
  });
});

it('the command ends with the exit code: 0 done, 1 refused, 64 not understood', async () => {
  const environment = { DATABASE_URL: server.database.url, CERTKEEP_KEK: kek };
  const start = (...words: string[]) => runProgram('src/cli/main.ts', ['token', ...words], environment);
  const commands = [start('list'), start('revoke', 'never-made'), start('describe')];

  expect(await Promise.all(commands.map(({ ended }) => ended))).toEqual([0, 1, 64]);
  expect(commands[0]?.output()).toContain('bootstrap');
  expect(commands[1]?.output()).toBe('there is no such token\n');
  expect(commands[2]?.output()).toContain('certkeep token describe IDENTIFIER');
});
