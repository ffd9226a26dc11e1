import { randomUUID } from 'node:crypto';
import { OPERATOR } from '../../../../src/audit/index.ts';
import { type Container, placementOf, type TsgId, tsgIdOf } from '../../../../src/dialects/strata/tenancy.ts';
import type { CompleteDraft, Issuing, KeypairId } from '../../../../src/keypairs/index.ts';
import { opensslPair, type PemPair } from '../../../support/openssl.ts';
import type { TestServer } from '../../../support/server.ts';

/** Puts certificates into tenants past every API, by the service that all of them use. */

export const CURRENT = '/config/identity/v1';
export const LEGACY = '/sse/config/v1';
export const BASES = [CURRENT, LEGACY] as const;

/** That of a token which reaches every tenant, where nothing else is configured. */
export const DEFAULT_TSG = tsgOf('1000000000');

export const SHARED: Container = { kind: 'folder', name: 'Shared' };

export interface Seed {
  /** One that nobody else has, unless it is given. */
  readonly name?: string;
  readonly tsg?: TsgId;
  readonly container?: Container;
  readonly material?: Partial<PemPair> & Pick<PemPair, 'certificate'>;
  readonly issuing?: Issuing;
}

export interface Seeded {
  readonly id: KeypairId;
  readonly name: string;
}

let material: PemPair | undefined;

/** A certificate and its key, made once: P-256, CN=seeded.example. */
export function seedMaterial(): PemPair {
  material ??= opensslPair('seeded.example');
  return material;
}

/** @throws {Error} for what is no TSG */
export function tsgOf(text: string): TsgId {
  const tsg = tsgIdOf(text);
  if (tsg === undefined) {
    throw new Error(`${text} is no TSG`);
  }
  return tsg;
}

/** Stores one certificate with its key. */
export async function seed({ keypairs }: Pick<TestServer, 'keypairs'>, wanted: Seed = {}): Promise<Seeded> {
  const { name = randomUUID(), tsg = DEFAULT_TSG, container = SHARED, issuing } = wanted;
  const { certificate, privateKey } = wanted.material ?? seedMaterial();
  const placement = placementOf(tsg, container);
  const fields = { name, certificate, ...(privateKey === undefined ? {} : { privateKey }) };
  const { draft, problems } = await keypairs.draft(placement, fields);
  if (problems.length > 0) {
    throw new Error(JSON.stringify(problems));
  }
  const { id } = await keypairs.create(OPERATOR, placement, draft as CompleteDraft, { issuing });
  return { id, name };
}

/**
 * As many certificates as are wanted, by copying the row of one: quick, and without keys.
 *
 * @returns their names in the order of their creation
 */
export async function seedMany(
  server: Pick<TestServer, 'keypairs' | 'database'>,
  count: number,
  { container = SHARED, tsg = DEFAULT_TSG }: Pick<Seed, 'container' | 'tsg'> = {},
): Promise<readonly string[]> {
  const first = await seed(server, { container, tsg, material: { certificate: seedMaterial().certificate } });
  const columns = await server.database.query<{ name: string }>(
    "SELECT attname AS name FROM pg_attribute WHERE attrelid = 'keypairs'::regclass AND attnum > 0 AND NOT attisdropped",
  );
  const replaced: Readonly<Record<string, string>> = {
    id: 'gen_random_uuid()',
    name: "'copy-' || n",
    name_folded: "'copy-' || n",
    // Later ones first, so that no order comes by itself.
    created_at: "created_at + (n || ' ms')::interval",
  };
  const names = columns.map(({ name }) => name);
  await server.database.query(
    `INSERT INTO keypairs (${names.join(', ')}) SELECT ${names.map((name) => replaced[name] ?? name).join(', ')}
     FROM keypairs, generate_series($2::int, 1, -1) n WHERE id = $1`,
    [first.id, count - 1],
  );
  return [first.name, ...Array.from({ length: count - 1 }, (_, index) => `copy-${index + 1}`)];
}
