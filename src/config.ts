import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';

/** libuv's own default, used where nobody set UV_THREADPOOL_SIZE before the process began. */
const LIBUV_DEFAULT_POOL = 4;

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
/** Digits only: `Number` would take blanks for 0 and `0x10` for 16. */
const wholeNumber = (minimum: number, maximum: number) =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().min(minimum).max(maximum));
const postgresUrl = z
  .string()
  .refine((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text), 'is not a postgresql:// URL');

const list = z.string().transform((text) => text.split(/[\s,]+/).filter((item) => item !== ''));
/** An address or a network. All addresses together are none: then anybody could say to come from anywhere. */
const network = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()]);
const isNetwork = (text: string) =>
  network.safeParse(text).success && !/\/0+$|^::ffff:0:0\/\d+$|^::ffff:0\.0\.0\.0\/\d+$/i.test(text);
/** As browsers write it: lower case, and without the port that goes by itself. `null` and `*` are none. */
const isOrigin = (text: string) =>
  /^https?:\/\/[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;

/** How Palo Alto Networks names a tenant service group. */
const TSG_ID = /^\d{1,20}$/;

/** A token that an operator chooses must be as hard to guess as one of ours, and fit into a header. */
export const bootstrapTokenSchema = z
  .string()
  .min(32, 'must have at least 32 characters')
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without blanks');

/**
 * Every environment variable that the server reads, with its default and its meaning. The README's table is made from this.
 * A variable marked as a secret may also come from the file that `<NAME>_FILE` names; its value appears in no message.
 */
export const environmentSchema = z.object({
  CERTKEEP_HOST: z.string().min(1).default('127.0.0.1').describe('The address to listen on; of a name, its first one.'),
  CERTKEEP_PORT: wholeNumber(0, 65_535).default(9000).describe('The port to listen on; 0 takes any free one.'),
  CERTKEEP_DATA_DIR: z
    .string()
    .min(1)
    .default('./data')
    .describe('Where the embedded database, its KEK and the first token are kept. Unused with DATABASE_URL.'),
  DATABASE_URL: postgresUrl
    .optional()
    .meta({ secret: true })
    .describe('A PostgreSQL 14 to 18 to use instead of the embedded one. CERTKEEP_KEK must be given with it.'),
  CERTKEEP_MIGRATION_DATABASE_URL: postgresUrl
    .optional()
    .meta({ secret: true })
    .describe('A direct connection for migrations, where DATABASE_URL goes through a pooler. Default: DATABASE_URL.'),
  CERTKEEP_DATABASE_POOL_SIZE: wholeNumber(1, 1000)
    .default(10)
    .describe('Connections to the database, at most; one more looks single rows up.'),
  CERTKEEP_DATABASE_TIMEOUT_MS: wholeNumber(100, 600_000)
    .default(5000)
    .describe(
      'How long one query, or the wait for a connection or for the turn to search, may take before the answer is 503.',
    ),
  CERTKEEP_PREPARED_STATEMENTS: flag
    .default(true)
    .describe('Whether hot reads use prepared statements; false behind a pooler in transaction mode.'),
  CERTKEEP_KEK: z
    .string()
    .optional()
    .meta({ secret: true })
    .describe(
      'The key-encryption key that seals private keys: exactly 32 bytes in base64. Losing it is losing the keys. Several, with white space or commas between, while one takes the place of another (docs/key-rotation.md).',
    ),
  CERTKEEP_AUDIT_KEY: z
    .string()
    .optional()
    .meta({ secret: true })
    .describe(
      'The keys that authenticate the audit trail: 32 bytes in base64 each, white space or commas between; the first writes, all verify. Default: made of CERTKEEP_KEK.',
    ),
  CERTKEEP_AUDIT_LOG: z
    .string()
    .min(1)
    .optional()
    .describe('Where each event is told of as a line of JSON when it is sealed: `stdout`, or a file to append to.'),
  CERTKEEP_AUDIT_RETENTION_DAYS: wholeNumber(0, 36_500)
    .default(0)
    .describe('How many days events are kept, at least; 0 keeps them for ever.'),
  CERTKEEP_BOOTSTRAP_TOKEN: bootstrapTokenSchema
    .optional()
    .meta({ secret: true })
    .describe('The first token, with every right. Another value at a later start replaces it.'),
  CERTKEEP_BODY_LIMIT: wholeNumber(1024, 64 * 1024 * 1024)
    .default(1024 * 1024)
    .describe('The largest request body, in bytes; larger ones are answered 413.'),
  CERTKEEP_REQUEST_TIMEOUT_MS: wholeNumber(1000, 600_000)
    .default(30_000)
    .describe('How long a client may take to send a whole request, and then to read its whole answer.'),
  CERTKEEP_KEY_QUEUE_LENGTH: wholeNumber(0, 1000)
    .default(16)
    .describe('Key generations that may wait for their turn; one more is answered 503.'),
  CERTKEEP_AUTHENTIK_SELF_SIGNED: flag
    .default(false)
    .describe(
      "Whether authentik's `generate` makes certificates that verify: signed under their own name, alternative names by their kinds.",
    ),
  CERTKEEP_STRATA_ALLOW_WEAK: flag
    .default(false)
    .describe(
      'Whether the Strata API takes what is no longer safe: keys below 112 bits of security (RSA under 2048 bits), and signatures by MD5 and SHA-1.',
    ),
  CERTKEEP_STRATA_DEFAULT_TSG: z
    .string()
    .regex(TSG_ID, 'must be digits, 20 at the most')
    .default('1000000000')
    .describe('The tenant (TSG) that a Certkeep token speaks for at the Strata API where it reaches more than one.'),
  CERTKEEP_STRATA_LEGACY_DATES: z
    .enum(['full-date', 'openssl'])
    .default('full-date')
    .describe('How the Strata API below /sse/config/v1 writes dates: 2035-09-01, or Sep  1 15:07:25 2035 GMT.'),
  CERTKEEP_STRATA_SIGNING_KEY_DAYS: wholeNumber(1, 3650)
    .default(30)
    .describe('After how many days another key signs the access tokens of the Strata API.'),
  CERTKEEP_TRUSTED_PROXIES: list
    .refine((texts) => texts.every(isNetwork), 'must be addresses or networks such as 10.0.0.0/8, separated by commas')
    .optional()
    .describe(
      'Addresses and networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. Default: none.',
    ),
  CERTKEEP_CORS_ORIGINS: list
    .refine((texts) => texts.every(isOrigin), 'must be origins such as https://app.example, separated by commas')
    .optional()
    .describe('The origins whose scripts may call the API from a browser. Default: none.'),
  CERTKEEP_RATE_LIMIT_TOKEN: wholeNumber(0, 1_000_000)
    .default(0)
    .describe("Requests per second of one token, ten seconds' worth at once; beyond, the answer is 429. 0: no limit."),
  CERTKEEP_RATE_LIMIT_ADDRESS: wholeNumber(0, 1_000_000)
    .default(0)
    .describe('The same, of one client address (of IPv6, one /64).'),
  CERTKEEP_RATE_LIMIT_FAILED_LOGINS: wholeNumber(0, 1_000_000)
    .default(6000)
    .describe('Requests per minute from one address with a token that is not let in; beyond, the answer is 429.'),
  CERTKEEP_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('The least severe log line that is written.'),
});

type Environment = z.infer<typeof environmentSchema>;
type EnvironmentName = keyof Environment;

/** What the process was told, in the words of the code. Frozen: nothing changes it after the start. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Absolute. */
  readonly dataDirectory: string;
  /** `undefined` means the embedded PostgreSQL in `dataDirectory`. */
  readonly databaseUrl: string | undefined;
  readonly migrationDatabaseUrl: string | undefined;
  readonly databasePoolSize: number;
  readonly databaseTimeoutMs: number;
  readonly preparedStatements: boolean;
  /** One or several in base64, unparsed; `undefined` where none was given. */
  readonly kek: string | undefined;
  /** Base64, unparsed; `undefined` where none was given. */
  readonly auditKey: string | undefined;
  /** `stdout` or a path; `undefined` where events are told of in the database alone. */
  readonly auditLog: string | undefined;
  /** 0 keeps events for ever. */
  readonly auditRetentionDays: number;
  readonly bootstrapToken: string | undefined;
  /** Bytes. */
  readonly bodyLimit: number;
  readonly requestTimeoutMs: number;
  /** Key generations that may run at once. */
  readonly keyGenerationSlots: number;
  /** Key generations that may wait beside the running ones. */
  readonly keyGenerationQueueLength: number;
  /** Whether authentik's `generate` issues by the truly self-signed profile in place of authentik's. */
  readonly authentikSelfSigned: boolean;
  readonly strata: {
    /** Whether keys and digests that are no longer safe are taken. */
    readonly allowWeak: boolean;
    /** The tenant of a plain token that reaches more than one. */
    readonly defaultTsg: string;
    /** Of the legacy base path. */
    readonly legacyDates: 'full-date' | 'openssl';
    /** For how long a key signs access tokens. */
    readonly signingKeyDays: number;
  };
  /** How the server meets the network. */
  readonly exposure: {
    readonly trustedProxies: readonly string[];
    readonly corsOrigins: readonly string[];
    /** Per second; failed logins per minute. 0 for no limit. */
    readonly rateLimits: { readonly token: number; readonly address: number; readonly failedLogins: number };
  };
  readonly logLevel: Environment['CERTKEEP_LOG_LEVEL'];
}

/** A variable that can't be used. Its message names each one and never repeats a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'CONFIG_INVALID';
}

/**
 * Reads the configuration from environment variables.
 *
 * @param environment variables by name; an empty one counts as absent, as in every shell script that passes `NAME=$UNSET`
 * @throws {ConfigError} naming each variable that can't be used, and why
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const parsed = environmentSchema.safeParse(withFiles(environment));
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(lines.join('\n'));
  }
  const values = parsed.data;
  return Object.freeze({
    host: values.CERTKEEP_HOST,
    port: values.CERTKEEP_PORT,
    dataDirectory: resolve(values.CERTKEEP_DATA_DIR),
    databaseUrl: values.DATABASE_URL,
    migrationDatabaseUrl: values.CERTKEEP_MIGRATION_DATABASE_URL ?? values.DATABASE_URL,
    databasePoolSize: values.CERTKEEP_DATABASE_POOL_SIZE,
    databaseTimeoutMs: values.CERTKEEP_DATABASE_TIMEOUT_MS,
    preparedStatements: values.CERTKEEP_PREPARED_STATEMENTS,
    kek: values.CERTKEEP_KEK,
    auditKey: values.CERTKEEP_AUDIT_KEY,
    auditLog: values.CERTKEEP_AUDIT_LOG,
    auditRetentionDays: values.CERTKEEP_AUDIT_RETENTION_DAYS,
    bootstrapToken: values.CERTKEEP_BOOTSTRAP_TOKEN,
    bodyLimit: values.CERTKEEP_BODY_LIMIT,
    requestTimeoutMs: values.CERTKEEP_REQUEST_TIMEOUT_MS,
    keyGenerationSlots: keyGenerationSlots(environment['UV_THREADPOOL_SIZE']),
    keyGenerationQueueLength: values.CERTKEEP_KEY_QUEUE_LENGTH,
    authentikSelfSigned: values.CERTKEEP_AUTHENTIK_SELF_SIGNED,
    strata: {
      allowWeak: values.CERTKEEP_STRATA_ALLOW_WEAK,
      defaultTsg: values.CERTKEEP_STRATA_DEFAULT_TSG,
      legacyDates: values.CERTKEEP_STRATA_LEGACY_DATES,
      signingKeyDays: values.CERTKEEP_STRATA_SIGNING_KEY_DAYS,
    },
    exposure: {
      trustedProxies: values.CERTKEEP_TRUSTED_PROXIES ?? [],
      corsOrigins: values.CERTKEEP_CORS_ORIGINS ?? [],
      rateLimits: {
        token: values.CERTKEEP_RATE_LIMIT_TOKEN,
        address: values.CERTKEEP_RATE_LIMIT_ADDRESS,
        failedLogins: values.CERTKEEP_RATE_LIMIT_FAILED_LOGINS,
      },
    },
    logLevel: values.CERTKEEP_LOG_LEVEL,
  });
}

/** Whether the variable may also be given as `<NAME>_FILE`. */
export function isSecret(name: EnvironmentName): boolean {
  return environmentSchema.shape[name].meta()?.['secret'] === true;
}

function withFiles(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name of Object.keys(environmentSchema.shape) as EnvironmentName[]) {
    const given = environment[name] || undefined;
    const file = isSecret(name) ? environment[`${name}_FILE`] || undefined : undefined;
    if (given !== undefined && file !== undefined) {
      throw new ConfigError(`${name}: is given twice, also as ${name}_FILE`);
    }
    const value = file === undefined ? given : readSecretFile(name, file);
    if (value !== undefined) {
      values[name] = value;
    }
  }
  return values;
}

function readSecretFile(name: EnvironmentName, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new ConfigError(`${name}_FILE: can't be read (${reason})`);
  }
}

/**
 * Key generation holds a thread of libuv's pool for seconds, and the file system and DNS look-ups share that pool: two threads stay
 * theirs, and one processor stays the event loop's.
 */
function keyGenerationSlots(poolSize: string | undefined): number {
  const threads = Number.parseInt(poolSize ?? '', 10) || LIBUV_DEFAULT_POOL;
  return Math.max(1, Math.min(availableParallelism() - 1, threads - 2));
}
