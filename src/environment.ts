import ipaddr from 'ipaddr.js';
import { z } from 'zod';

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
/** Digits only: `Number` would take blanks for 0 and `0x10` for 16. */
const wholeNumber = (minimum: number, maximum: number) =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().min(minimum).max(maximum));
const postgresUrl = z
  .string()
  .refine((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text), 'is not a postgresql:// URL');

const list = z.string().transform((text) => text.split(/[\s,]+/).filter((item) => item !== ''));
/** IPv4 in IPv6, however its zeros are written. */
const isMapped = (text: string) => {
  const [address = ''] = text.split('/');
  return ipaddr.IPv6.isValid(address) && ipaddr.IPv6.parse(address).isIPv4MappedAddress();
};
const MAPPED_BITS = 96;
/** All addresses, or all of IPv4: then anybody could say to come from anywhere. */
const isEverything = (text: string) => {
  const [, bits] = text.split('/');
  return bits !== undefined && Number(bits) <= (isMapped(text) ? MAPPED_BITS : 0);
};
/** An address or a network. */
const network = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()]);
const isNetwork = (text: string) => network.safeParse(text).success && !isEverything(text);
/** As browsers write it: lower case, and without the port that goes by itself. `null` and `*` are none. */
const isOrigin = (text: string) =>
  /^https?:\/\/[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;

const isWebhookUrl = (text: string) => {
  const url = /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  // Who they name is decoded when a request is made.
  return url !== undefined && [url.username, url.password].every((part) => !/%(?![\dA-Fa-f]{2})/.test(part));
};

/** As Standard Webhooks writes a symmetric secret: 24 to 64 bytes. */
const isWebhookSecret = (text: string) => {
  const base64 = /^whsec_(.+)$/.exec(text)?.[1] ?? '';
  const octets = Buffer.from(base64, 'base64');
  return octets.toString('base64') === base64 && octets.length >= 24 && octets.length <= 64;
};

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
  CERTKEEP_PORT: z
    .string()
    // As its links to a service of the name certkeep say it, by a variable of the same name.
    .refine((text) => !text.startsWith('tcp://'), {
      error: 'was set by Kubernetes for the service certkeep; set enableServiceLinks: false',
      abort: true,
    })
    .pipe(wholeNumber(0, 65_535))
    .default(9000)
    .describe('The port to listen on; 0 takes any free one.'),
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
  CERTKEEP_METRICS_HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('The address on which Prometheus is answered, at `/metrics`.'),
  CERTKEEP_METRICS_PORT: wholeNumber(0, 65_535)
    .optional()
    .describe('The port on which Prometheus is answered, 9300 by custom; 0 takes any free one. Default: none.'),
  CERTKEEP_METRICS_CERTIFICATES: wholeNumber(0, 10_000)
    .default(1000)
    .describe('Of how many certificates, those that expire first, the metrics show each.'),
  CERTKEEP_DISCOVERY_DIR: z
    .string()
    .min(1)
    .optional()
    .describe('A directory of certificates and keys (of certbot, cert-manager, Kubernetes) to watch and to take over.'),
  CERTKEEP_AUTHENTIK_DEFAULTS: flag
    .default(false)
    .describe(
      "Whether authentik's own first pairs are made at the start: the self-signed one and the hidden one for JWTs.",
    ),
  CERTKEEP_WEBHOOK_URL: z
    .string()
    .refine(isWebhookUrl, 'is not an http:// or https:// URL')
    .optional()
    .meta({ secret: true })
    .describe('Where it is sent that a certificate is about to expire. CERTKEEP_WEBHOOK_SECRET must be given with it.'),
  CERTKEEP_WEBHOOK_SECRET: list
    .refine((texts) => texts.length > 0 && texts.every(isWebhookSecret), 'must be whsec_ and 24 to 64 bytes in base64')
    .optional()
    .meta({ secret: true })
    .describe(
      'Signs webhooks (Standard Webhooks): `whsec_` and 24 to 64 bytes in base64. Several, with white space or commas between, while one takes the place of another.',
    ),
  CERTKEEP_WEBHOOK_PRIVATE_NETWORKS: list
    // Addresses are held against them once nothing of IPv6 is around an IPv4 address any more.
    .refine(
      (texts) => texts.every((text) => isNetwork(text) && !isMapped(text)),
      'must be addresses or networks such as 10.0.0.0/8, separated by commas',
    )
    .optional()
    .describe('Addresses and networks that are not public, to which webhooks may go all the same. Default: none.'),
  CERTKEEP_DRAIN_MS: wholeNumber(0, 600_000)
    .default(1000)
    .describe(
      'How long requests are still taken after SIGTERM while `/-/health/ready/` answers 503, so that balancers turn to others.',
    ),
  CERTKEEP_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .meta({ file: true })
    .describe('The least severe log line that is written. `CERTKEEP_LOG_LEVEL_FILE` is read again on SIGHUP.'),
});

/** What the variables say. */
export type Environment = z.infer<typeof environmentSchema>;
export type EnvironmentName = keyof Environment;

/** In the order in which they are told of. */
export const ENVIRONMENT_NAMES = Object.keys(environmentSchema.shape) as EnvironmentName[];

/** Whether the variable's value is shown nowhere. */
export function isSecret(name: EnvironmentName): boolean {
  return environmentSchema.shape[name].meta()?.['secret'] === true;
}

/** Whether the variable may also be given as `<NAME>_FILE`. */
export function mayComeFromFile(name: EnvironmentName): boolean {
  return isSecret(name) || environmentSchema.shape[name].meta()?.['file'] === true;
}
