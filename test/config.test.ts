import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { readConfig, unknownVariables } from '../src/config.ts';
import { ENVIRONMENT_NAMES } from '../src/environment.ts';
import { configProblem as problemOf } from './support/config-problem.ts';

// This machine has the processors that it has.
vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  availableParallelism: vi.fn(() => 2),
}));

const KEK = Buffer.alloc(32, 7).toString('base64');
const TOKEN = 'a-bootstrap-token-of-32-letters!';
const whsec = (octets: number) => `whsec_${Buffer.alloc(octets, 5).toString('base64')}`;
const WEBHOOK_SECRET = whsec(24);

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
  metrics: { host: '127.0.0.1', port: undefined, certificates: 1000 },
  discoveryDirectory: undefined,
  authentikDefaults: false,
  webhook: undefined,
  drainMs: 1000,
  logLevel: 'info',
};

describe('the configuration', () => {
  it('needs nothing', () => {
    expect(readConfig({})).toEqual(DEFAULTS);
  });

  it('takes an empty variable for an absent one', () => {
    const names = ENVIRONMENT_NAMES;
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
      CERTKEEP_METRICS_HOST: '::1',
      CERTKEEP_METRICS_PORT: '9300',
      CERTKEEP_METRICS_CERTIFICATES: '5',
      CERTKEEP_DISCOVERY_DIR: '/certs',
      CERTKEEP_AUTHENTIK_DEFAULTS: 'true',
      CERTKEEP_WEBHOOK_URL: 'https://hooks.example/expiry',
      CERTKEEP_WEBHOOK_SECRET: `${WEBHOOK_SECRET}, ${WEBHOOK_SECRET}`,
      CERTKEEP_WEBHOOK_PRIVATE_NETWORKS: '10.0.0.0/8,127.0.0.1',
      CERTKEEP_DRAIN_MS: '0',
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
      metrics: { host: '::1', port: 9300, certificates: 5 },
      discoveryDirectory: '/certs',
      authentikDefaults: true,
      webhook: {
        url: 'https://hooks.example/expiry',
        secrets: [WEBHOOK_SECRET, WEBHOOK_SECRET],
        privateNetworks: ['10.0.0.0/8', '127.0.0.1'],
      },
      drainMs: 0,
      logLevel: 'silent',
    });
  });

  it('sends webhooks where it knows both to whom and signed by what', () => {
    expect(problemOf({ CERTKEEP_WEBHOOK_URL: 'https://hooks.example' })).toBe(
      'CERTKEEP_WEBHOOK_SECRET: must be given with CERTKEEP_WEBHOOK_URL',
    );
    expect(problemOf({ CERTKEEP_WEBHOOK_SECRET: WEBHOOK_SECRET })).toBe(
      'CERTKEEP_WEBHOOK_URL: must be given with CERTKEEP_WEBHOOK_SECRET',
    );
  });

  it('tells of variables that are named like its own and are none, but not of those that Kubernetes sets', () => {
    const environment = {
      ...{ CERTKEEP_PROT: '1', CERTKEEP_PORT_FILE: '/x', CERTKEEP_KEK_FILE: '/y', CERTKEEP_LOG_LEVEL_FILE: '/z' },
      ...{ CERTKEEP_SERVICE_HOST: '10.0.0.1', CERTKEEP_SERVICE_PORT_HTTP: '9000', PATH: '/bin' },
      ...{ CERTKEEP_PORT_9000_TCP: 'tcp://10.0.0.1:9000', CERTKEEP_PORT_9000_TCP_ADDR: '10.0.0.1' },
    };
    expect(unknownVariables(environment)).toEqual(['CERTKEEP_PORT_FILE', 'CERTKEEP_PROT']);
    expect(unknownVariables(Object.fromEntries(ENVIRONMENT_NAMES.map((name) => [name, 'x'])))).toEqual([]);
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
    CERTKEEP_PORT: [...wholeNumbers, '65536', 'tcp://10.0.0.1:9000'],
    CERTKEEP_METRICS_PORT: [...wholeNumbers, '65536'],
    CERTKEEP_METRICS_CERTIFICATES: [...wholeNumbers, '10001'],
    CERTKEEP_DRAIN_MS: [...wholeNumbers, '600001'],
    CERTKEEP_AUTHENTIK_DEFAULTS: ['secret', '1'],
    CERTKEEP_WEBHOOK_URL: ['ftp://secret', 'hooks.secret', 'https://', 'https://user:%zz@secret'],
    CERTKEEP_WEBHOOK_SECRET: [
      'secret',
      'whsec_',
      'whsec_secret',
      whsec(23),
      whsec(65),
      `${WEBHOOK_SECRET} secret`,
      ',',
    ],
    CERTKEEP_WEBHOOK_PRIVATE_NETWORKS: [
      'secret',
      '0.0.0.0/0',
      '::/0',
      '10.0.0.0/8,secret',
      '::ffff:10.0.0.0/104',
      '0::FFFF:10.0.0.1/128',
    ],
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
      '0:0:0:0:0:ffff:0:0/96',
      '::ffff:0.0.0.0/90',
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
    ['CERTKEEP_METRICS_CERTIFICATES', '10000'],
    ['CERTKEEP_DRAIN_MS', '600000'],
  ])('is not %s=%s, which is the very bound', (name, value) => {
    expect(() => readConfig({ [name]: value })).not.toThrow();
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
