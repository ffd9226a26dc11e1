import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ConfigError, environmentSchema, isSecret, readConfig } from '../src/config.ts';

// This machine has the processors that it has.
vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  availableParallelism: vi.fn(() => 2),
}));

const KEK = Buffer.alloc(32, 7).toString('base64');
const TOKEN = 'a-bootstrap-token-of-32-letters!';

function problemOf(environment: Record<string, string>): string {
  try {
    readConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).code).toBe('CONFIG_INVALID');
    expect((error as ConfigError).cause).toBeUndefined();
    return (error as Error).message;
  }
  throw new Error('the configuration was accepted');
}

const DEFAULTS = {
  host: '127.0.0.1',
  port: 9000,
  dataDirectory: resolve('data'),
  databaseUrl: undefined,
  migrationDatabaseUrl: undefined,
  databasePoolSize: 10,
  databaseTimeoutMs: 5000,
  preparedStatements: true,
  kek: undefined,
  auditKey: undefined,
  auditLog: undefined,
  auditRetentionDays: 0,
  bootstrapToken: undefined,
  bodyLimit: 1024 * 1024,
  requestTimeoutMs: 30_000,
  keyGenerationSlots: 1,
  keyGenerationQueueLength: 16,
  authentikSelfSigned: false,
  strata: { allowWeak: false, defaultTsg: '1000000000', legacyDates: 'full-date', signingKeyDays: 30 },
  exposure: { trustedProxies: [], corsOrigins: [], rateLimits: { token: 0, address: 0, failedLogins: 6000 } },
  logLevel: 'info',
};

describe('the configuration', () => {
  it('needs nothing', () => {
    expect(readConfig({})).toEqual(DEFAULTS);
  });

  it('takes an empty variable for an absent one', () => {
    const names = Object.keys(environmentSchema.shape);
    const empty = Object.fromEntries([...names, ...names.map((name) => `${name}_FILE`)].map((name) => [name, '']));
    expect(readConfig({ ...empty, UV_THREADPOOL_SIZE: '' })).toEqual(DEFAULTS);
  });

  it('ignores what it does not know', () => {
    expect(readConfig({ PATH: '/bin', CERTKEEP_COLOUR: 'red', CERTKEEP_PORT_FILE: '/nowhere' })).toEqual(DEFAULTS);
  });

  it('is what the environment says', () => {
    const config = readConfig({
      CERTKEEP_HOST: '::',
      CERTKEEP_PORT: '0',
      CERTKEEP_DATA_DIR: '/var/lib/certkeep',
      DATABASE_URL: 'postgres://me:secret@db/keep?sslmode=require',
      CERTKEEP_MIGRATION_DATABASE_URL: 'postgresql:///keep?host=/run/postgresql',
      CERTKEEP_DATABASE_POOL_SIZE: '3',
      CERTKEEP_DATABASE_TIMEOUT_MS: '250',
      CERTKEEP_PREPARED_STATEMENTS: 'false',
      CERTKEEP_KEK: KEK,
      CERTKEEP_AUDIT_KEY: KEK,
      CERTKEEP_AUDIT_LOG: 'stdout',
      CERTKEEP_AUDIT_RETENTION_DAYS: '36500',
      CERTKEEP_BOOTSTRAP_TOKEN: TOKEN,
      CERTKEEP_BODY_LIMIT: '2048',
      CERTKEEP_REQUEST_TIMEOUT_MS: '1500',
      CERTKEEP_KEY_QUEUE_LENGTH: '0',
      CERTKEEP_AUTHENTIK_SELF_SIGNED: 'true',
      CERTKEEP_STRATA_ALLOW_WEAK: 'true',
      CERTKEEP_STRATA_DEFAULT_TSG: '42',
      CERTKEEP_STRATA_LEGACY_DATES: 'openssl',
      CERTKEEP_STRATA_SIGNING_KEY_DAYS: '1',
      CERTKEEP_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
      CERTKEEP_CORS_ORIGINS: 'https://app.example http://localhost:5173',
      CERTKEEP_RATE_LIMIT_TOKEN: '20',
      CERTKEEP_RATE_LIMIT_ADDRESS: '30',
      CERTKEEP_RATE_LIMIT_FAILED_LOGINS: '0',
      CERTKEEP_LOG_LEVEL: 'silent',
    });
    expect(config).toEqual({
      authentikSelfSigned: true,
      strata: { allowWeak: true, defaultTsg: '42', legacyDates: 'openssl', signingKeyDays: 1 },
      host: '::',
      port: 0,
      dataDirectory: '/var/lib/certkeep',
      databaseUrl: 'postgres://me:secret@db/keep?sslmode=require',
      migrationDatabaseUrl: 'postgresql:///keep?host=/run/postgresql',
      databasePoolSize: 3,
      databaseTimeoutMs: 250,
      preparedStatements: false,
      kek: KEK,
      auditKey: KEK,
      auditLog: 'stdout',
      auditRetentionDays: 36_500,
      bootstrapToken: TOKEN,
      bodyLimit: 2048,
      requestTimeoutMs: 1500,
      keyGenerationSlots: 1,
      keyGenerationQueueLength: 0,
      exposure: {
        trustedProxies: ['10.0.0.0/8', '::1'],
        corsOrigins: ['https://app.example', 'http://localhost:5173'],
        rateLimits: { token: 20, address: 30, failedLogins: 0 },
      },
      logLevel: 'silent',
    });
  });

  it('migrates through the same connection unless another is given', () => {
    expect(readConfig({ DATABASE_URL: 'postgres://db/keep' }).migrationDatabaseUrl).toBe('postgres://db/keep');
  });

  it('is frozen', () => {
    const config: { port: number } = readConfig({});
    expect(() => {
      config.port = 1;
    }).toThrow(TypeError);
  });
});

describe('a variable that can not be used', () => {
  const wholeNumbers = ['abc-secret', ' ', '-1', '1.5', '0x10', '1e3', '1_000', ' 9000', 'Infinity', '9'.repeat(400)];
  const invalid: Record<string, string[]> = {
    CERTKEEP_PORT: [...wholeNumbers, '65536'],
    CERTKEEP_DATABASE_POOL_SIZE: [...wholeNumbers, '0', '1001'],
    CERTKEEP_DATABASE_TIMEOUT_MS: [...wholeNumbers, '99', '600001'],
    CERTKEEP_BODY_LIMIT: [...wholeNumbers, '1023', '67108865'],
    CERTKEEP_REQUEST_TIMEOUT_MS: [...wholeNumbers, '999', '600001'],
    CERTKEEP_KEY_QUEUE_LENGTH: [...wholeNumbers, '1001'],
    CERTKEEP_AUDIT_RETENTION_DAYS: [...wholeNumbers, '36501'],
    CERTKEEP_TRUSTED_PROXIES: [
      'secret',
      '10.0.0.0/33',
      '0.0.0.0/0',
      '::/0',
      '::ffff:0:0/96',
      '10.0.0.1,secret',
      '10.0.0.1:80',
      'true',
      '1',
    ],
    CERTKEEP_CORS_ORIGINS: [
      '*',
      'null',
      'secret',
      'app.secret',
      'https://app.secret/',
      'https://*.secret',
      'https://APP.secret',
      'https://app.secret:443',
      'https://user@app.secret',
      'file:///secret',
      'https://a.example,*',
    ],
    CERTKEEP_RATE_LIMIT_TOKEN: [...wholeNumbers, '1000001'],
    CERTKEEP_RATE_LIMIT_ADDRESS: [...wholeNumbers, '1000001'],
    CERTKEEP_RATE_LIMIT_FAILED_LOGINS: [...wholeNumbers, '1000001'],
    CERTKEEP_PREPARED_STATEMENTS: ['yes-secret', '1', 'TRUE', ' true'],
    CERTKEEP_LOG_LEVEL: ['loud-secret', 'INFO'],
    DATABASE_URL: ['mysql://me:hunter2secret@db/keep', 'postgres:/secret', 'postgres://secret host:x/', 'secret'],
    CERTKEEP_MIGRATION_DATABASE_URL: ['file:///secret', 'postgresql://u:secret@[::1/keep'],
    CERTKEEP_BOOTSTRAP_TOKEN: ['short-secret', 'x'.repeat(31), `${'y'.repeat(32)} secret`, `${'z'.repeat(32)}é`],
  };

  it.each(Object.entries(invalid).flatMap(([name, values]) => values.map((value) => [name, value] as const)))(
    '%s=%j is refused by its name, without its value',
    (name, value) => {
      const problem = problemOf({ [name]: value });
      expect(problem).toMatch(new RegExp(`^${name}: `));
      expect(problem).not.toMatch(/secret|hunter2|xxxx|yyyy|zzzz|9999/);
    },
  );

  it('is reported together with the others', () => {
    const problem = problemOf({ CERTKEEP_PORT: 'x', CERTKEEP_LOG_LEVEL: 'x', DATABASE_URL: 'x' });
    const named = problem.split('\n').map((line) => line.split(':')[0]);
    expect([...new Set(named)].sort()).toEqual(['CERTKEEP_LOG_LEVEL', 'CERTKEEP_PORT', 'DATABASE_URL']);
  });

  it.each([
    ['CERTKEEP_PORT', '65535'],
    ['CERTKEEP_DATABASE_POOL_SIZE', '1000'],
    ['CERTKEEP_DATABASE_TIMEOUT_MS', '100'],
    ['CERTKEEP_BODY_LIMIT', '67108864'],
    ['CERTKEEP_KEY_QUEUE_LENGTH', '1000'],
    ['CERTKEEP_AUDIT_RETENTION_DAYS', '36500'],
    ['CERTKEEP_BOOTSTRAP_TOKEN', '!'.repeat(32)],
  ])('is not %s=%s, which is the very bound', (name, value) => {
    expect(() => readConfig({ [name]: value })).not.toThrow();
  });
});

describe('a secret', () => {
  const secrets = {
    DATABASE_URL: ['databaseUrl', 'postgres://me:hunter2@db/keep'],
    CERTKEEP_MIGRATION_DATABASE_URL: ['migrationDatabaseUrl', 'postgres://me:hunter2@direct/keep'],
    CERTKEEP_KEK: ['kek', KEK],
    CERTKEEP_AUDIT_KEY: ['auditKey', KEK],
    CERTKEEP_BOOTSTRAP_TOKEN: ['bootstrapToken', TOKEN],
  } as const;
  const cases = Object.entries(secrets).map(([name, [member, value]]) => [name, member, value] as const);
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'certkeep-test-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function file(content: string): string {
    const path = join(directory, 'a-secret-file');
    writeFileSync(path, content);
    return path;
  }

  it('is each of these variables and no other', () => {
    const names = Object.keys(environmentSchema.shape) as (keyof typeof environmentSchema.shape)[];
    expect(names.filter(isSecret).sort()).toEqual(Object.keys(secrets).sort());
  });

  it.each(cases)('%s may come from a file, without the white space around it', (name, member, value) => {
    expect(readConfig({ [`${name}_FILE`]: file(`${value}\n`) })[member]).toBe(value);
    expect(readConfig({ [`${name}_FILE`]: file(` \t${value}\r\n\n`) })[member]).toBe(value);
  });

  it.each(cases)('%s may not be given twice', (name, _member, value) => {
    const problem = problemOf({ [name]: value, [`${name}_FILE`]: file(value) });
    expect(problem).toContain(name);
    expect(problem).toContain(`${name}_FILE`);
    expect(problem).not.toContain(value);
  });

  it.each(cases)('%s is missed where its file is missing, or is a directory', (name) => {
    const missing = join(directory, 'nowhere');
    expect(problemOf({ [`${name}_FILE`]: missing })).toBe(`${name}_FILE: can't be read (ENOENT)`);
    expect(problemOf({ [`${name}_FILE`]: directory })).toBe(`${name}_FILE: can't be read (EISDIR)`);
  });

  it('is checked where it comes from a file too, and not repeated', () => {
    const problem = problemOf({ DATABASE_URL_FILE: file('mysql://me:hunter2@db/keep') });
    expect(problem).toMatch(/^DATABASE_URL: /);
    expect(problem).not.toContain('hunter2');
  });

  it('is not an empty file', () => {
    expect(problemOf({ DATABASE_URL_FILE: file('') })).toMatch(/^DATABASE_URL: /);
    expect(problemOf({ CERTKEEP_BOOTSTRAP_TOKEN_FILE: file('\n') })).toMatch(/^CERTKEEP_BOOTSTRAP_TOKEN: /);
    // Not undefined, which would have an embedded server make a KEK of its own: what parses it refuses it.
    expect(readConfig({ CERTKEEP_KEK_FILE: file('\n') }).kek).toBe('');
  });
});

describe('key generations at once', () => {
  it.each([
    [1, undefined, 1],
    [2, undefined, 1],
    [3, undefined, 2],
    [16, undefined, 2],
    [16, '4', 2],
    [16, '8', 6],
    [16, '64', 15],
    [4, '8', 3],
    [1, '64', 1],
    [16, '3', 1],
    [16, '2', 1],
    [16, '1', 1],
    [16, '0', 2],
    [16, 'many', 2],
    [16, '-8', 1],
  ])('of %i processors and a pool of %s threads are %i', (processors, threads, slots) => {
    vi.mocked(availableParallelism).mockReturnValue(processors);
    expect(readConfig({ UV_THREADPOOL_SIZE: threads }).keyGenerationSlots).toBe(slots);
  });
});
