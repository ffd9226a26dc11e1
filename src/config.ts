import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { z } from 'zod';
import {
  ENVIRONMENT_NAMES,
  type Environment,
  type EnvironmentName,
  environmentSchema,
  mayComeFromFile,
} from './environment.ts';

/** libuv's own default, used where nobody set UV_THREADPOOL_SIZE before the process began. */
const LIBUV_DEFAULT_POOL = 4;

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
  readonly metrics: {
    readonly host: string;
    /** 0 for any free one; `undefined` where nobody asks for metrics. */
    readonly port: number | undefined;
    /** Of how many certificates each is shown. */
    readonly certificates: number;
  };
  /** Absolute; `undefined` where none is watched. */
  readonly discoveryDirectory: string | undefined;
  /** Whether authentik's own first pairs are made. */
  readonly authentikDefaults: boolean;
  /** `undefined` where nothing is sent. */
  readonly webhook: WebhookConfig | undefined;
  /** How long requests are still taken after SIGTERM. */
  readonly drainMs: number;
  readonly logLevel: Environment['CERTKEEP_LOG_LEVEL'];
}

/** Where and how webhooks are sent. */
export interface WebhookConfig {
  readonly url: string;
  /** `whsec_…`, each of which signs. */
  readonly secrets: readonly string[];
  /** Addresses and networks that are not public, and allowed all the same. */
  readonly privateNetworks: readonly string[];
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
  const values = parse(environmentSchema, environment);
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
    metrics: {
      host: values.CERTKEEP_METRICS_HOST,
      port: values.CERTKEEP_METRICS_PORT,
      certificates: values.CERTKEEP_METRICS_CERTIFICATES,
    },
    discoveryDirectory:
      values.CERTKEEP_DISCOVERY_DIR === undefined ? undefined : resolve(values.CERTKEEP_DISCOVERY_DIR),
    authentikDefaults: values.CERTKEEP_AUTHENTIK_DEFAULTS,
    webhook: webhookOf(values),
    drainMs: values.CERTKEEP_DRAIN_MS,
    logLevel: values.CERTKEEP_LOG_LEVEL,
  });
}

/**
 * Reads the one variable that is read again while the server runs.
 *
 * @throws {ConfigError} where it can't be used
 */
export function readLogLevel(environment: Readonly<Record<string, string | undefined>>): Config['logLevel'] {
  return parse(environmentSchema.pick({ CERTKEEP_LOG_LEVEL: true }), environment).CERTKEEP_LOG_LEVEL;
}

/** @throws {ConfigError} */
function parse<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Readonly<Record<string, string | undefined>>,
): z.infer<z.ZodObject<Shape>> {
  const parsed = schema.safeParse(withFiles(environment, Object.keys(schema.shape) as EnvironmentName[]));
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(lines.join('\n'));
  }
  return parsed.data;
}

/** @throws {ConfigError} where one of the two is missing */
function webhookOf({
  CERTKEEP_WEBHOOK_URL: url,
  CERTKEEP_WEBHOOK_SECRET: secrets,
  CERTKEEP_WEBHOOK_PRIVATE_NETWORKS: privateNetworks = [],
}: Environment): WebhookConfig | undefined {
  if (url !== undefined && secrets !== undefined) {
    return { url, secrets, privateNetworks };
  }
  if (url !== undefined) {
    throw new ConfigError('CERTKEEP_WEBHOOK_SECRET: must be given with CERTKEEP_WEBHOOK_URL');
  }
  if (secrets !== undefined) {
    throw new ConfigError('CERTKEEP_WEBHOOK_URL: must be given with CERTKEEP_WEBHOOK_SECRET');
  }
  return undefined;
}

/** Where the value of a variable comes from. */
export type Source = 'environment' | 'file' | 'default';

/** @throws {ConfigError} where both the variable and its file are given */
export function sourceOf(environment: Readonly<Record<string, string | undefined>>, name: EnvironmentName): Source {
  const isGiven = Boolean(environment[name]);
  const isInFile = mayComeFromFile(name) && Boolean(environment[`${name}_FILE`]);
  if (isGiven && isInFile) {
    throw new ConfigError(`${name}: is given twice, also as ${name}_FILE`);
  }
  return isGiven ? 'environment' : isInFile ? 'file' : 'default';
}

/** What Kubernetes tells each container of a service that is named certkeep. */
const SERVICE_LINK = /^CERTKEEP_(SERVICE_HOST|SERVICE_PORT\w*|PORT_\d+_\w+)$/;

/** The variables that are named like ours and are none: misspelt, or of another version. */
export function unknownVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set(
    ENVIRONMENT_NAMES.flatMap((name) => (mayComeFromFile(name) ? [name, `${name}_FILE`] : [name])).map(String),
  );
  const ours = Object.keys(environment).filter((name) => name.startsWith('CERTKEEP_'));
  return ours.filter((name) => !known.has(name) && !SERVICE_LINK.test(name)).sort();
}

function withFiles(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly EnvironmentName[],
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name of names) {
    const source = sourceOf(environment, name);
    const value = source === 'file' ? readFromFile(name, environment[`${name}_FILE`] ?? '') : environment[name];
    if (source !== 'default' && value !== undefined) {
      values[name] = value;
    }
  }
  return values;
}

function readFromFile(name: EnvironmentName, path: string): string {
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
