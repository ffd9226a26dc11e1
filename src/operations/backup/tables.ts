/**
 * The tables that a backup holds, each after those that it refers to. Not in it: `leases` and `kek_holders`, which tell what runs, and the
 * list of migrations, which whoever restores applies.
 */
export const TABLES = [
  'principals',
  'accounts',
  'keks',
  'keypairs',
  'sealed_secrets',
  'trust_entries',
  'tokens',
  'object_grants',
  'events',
  'unsealed_events',
  'event_batches',
  'event_batch_members',
  'event_batch_drops',
  'expiry_watches',
  'expiry_notices',
  'webhook_messages',
] as const;

export type Table = (typeof TABLES)[number];
