import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CompleteDraft, KeypairId, Placement } from '../../src/keypairs/index.ts';
import type { Store } from '../../src/operations/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { opensslPair } from '../support/openssl.ts';
import { ACTOR, aContainer, nobody, openServices, signedBy, storePair } from './support.ts';

const PAIR = opensslPair();

let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await createDatabase();
  store = await openServices(database);
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

const signer = (here: Placement) => storePair(store, here, { name: 'signer', ...PAIR });
const child = (here: Placement, signerId: KeypairId, name: string = randomUUID()) =>
  storePair(store, here, { name, ...PAIR }, signedBy(signerId));
const namesIn = async ({ scope }: Placement) =>
  (await database.query<{ name: string }>('SELECT name FROM keypairs WHERE scope = $1 ORDER BY name', [scope])).map(
    ({ name }) => name,
  );
const links = (id: KeypairId) =>
  database.query('SELECT signer_id AS "signerId", private_key_exportable AS exportable FROM keypairs WHERE id = $1', [
    id,
  ]);
const contexts = async (id: KeypairId) =>
  (
    await database.query<{ action: string; context: string }>(
      'SELECT action, context FROM events WHERE model_pk = $1 ORDER BY created_at, action',
      [id.replaceAll('-', '')],
    )
  ).map(({ action, context }) => ({ action, ...(JSON.parse(context) as object) }));

describe('a pair that signed others', () => {
  test('is not deleted while they are stored, which are told by name; then it is', async () => {
    const here = aContainer();
    const id = await signer(here);
    const [second, first] = [await child(here, id, 'second'), await child(here, id, 'first')];

    await expect(store.keypairs.remove(ACTOR, here, id)).rejects.toMatchObject({
      code: 'KEYPAIR_IN_USE',
      signed: [
        { id: first, name: 'first' },
        { id: second, name: 'second' },
      ],
    });
    expect(await namesIn(here)).toEqual(['first', 'second', 'signer']);
    expect(await contexts(id)).toMatchObject([{ action: 'model_created' }]);

    await store.keypairs.remove(ACTOR, here, first);
    await store.keypairs.remove(ACTOR, here, second);
    await store.keypairs.remove(ACTOR, here, id);
    expect(await namesIn(here)).toEqual([]);
  });

  test('tells of the first hundred where there are more', async () => {
    const here = aContainer();
    const id = await signer(here);
    const copied = await child(here, id, '000');
    await database.query(
      `INSERT INTO keypairs (id, name, name_folded, private_key_seal_revision, private_key_type, private_key_digest, ${COPIED})
       SELECT gen_random_uuid(), lpad(n::text, 3, '0'), lpad(n::text, 3, '0'), NULL, NULL, NULL, ${COPIED}
       FROM keypairs, generate_series(1, 120) n WHERE id = $1`,
      [copied],
    );
    const told = async () => {
      const refusal = await store.keypairs.remove(ACTOR, here, id).catch((error: unknown) => error);
      const { signed, andMore } = refusal as { signed: { name: string }[]; andMore: boolean };
      return { names: signed.map(({ name }) => name), andMore };
    };
    const names = Array.from({ length: 100 }, (_value, n) => String(n).padStart(3, '0'));
    expect(await told()).toEqual({ names, andMore: true });
    await database.query("DELETE FROM keypairs WHERE signer_id = $1 AND name >= '100'", [id]);
    expect(await told()).toEqual({ names, andMore: false });
  });

  test('is not there for whoever looks elsewhere, and its children are not told', async () => {
    const here = aContainer();
    const id = await signer(here);
    const signed = await child(here, id);
    const { draft } = await store.keypairs.draft(here, { name: 'taken over' });
    for (const elsewhere of [{ realm: 'authentik', scope: '' }, aContainer(), { ...here, scope: '' }] as const) {
      await expect(store.keypairs.remove(ACTOR, elsewhere, id)).rejects.toMatchObject({ code: 'KEYPAIR_NOT_FOUND' });
      await expect(store.keypairs.update(ACTOR, elsewhere, id, draft)).rejects.toMatchObject({
        code: 'KEYPAIR_NOT_FOUND',
      });
    }
    expect(await namesIn(here)).toContain('signer');
    expect(await links(signed)).toEqual([{ signerId: id, exportable: true }]);
  });
});

const COPIED = `realm, scope, certificate_data, certificate_holds_key, subject, subject_der, issuer, issuer_der, serial_number, not_before,
  not_after, fingerprint_sha256, fingerprint_sha1, signature_algorithm, key_type, key_size, curve, public_key_digest, subject_alt_names,
  is_ca, path_length, self_signed, signer_id, created_by, updated_by`;

describe('a pair whose signer was deleted since it was asked for', () => {
  test('is refused, and nothing of it is stored', async () => {
    const here = aContainer();
    const events = await database.query('SELECT count(*) FROM events');
    await expect(child(here, nobody)).rejects.toMatchObject({ code: 'SIGNER_GONE' });

    expect(await namesIn(here)).toEqual([]);
    expect(await database.query('SELECT count(*) FROM events')).toEqual(events);
    expect(
      await database.query(
        'SELECT 1 FROM sealed_secrets s LEFT JOIN keypairs k ON k.id = s.keypair_id WHERE k.id IS NULL',
      ),
    ).toEqual([]);
  });

  test('is refused also where it was generated meanwhile', async () => {
    const here = aContainer();
    const id = await signer(here);
    const make = async () => {
      await store.keypairs.remove(ACTOR, here, id);
      return PAIR;
    };
    const wanted = { name: 'generated', make, issuing: signedBy(id) };
    const generating = store.keypairs.generate(ACTOR, here, wanted, new AbortController().signal);
    await expect(generating).rejects.toMatchObject({ code: 'SIGNER_GONE' });
    expect(await namesIn(here)).toEqual([]);
  });

  test('of a name that is taken is told so: the name is looked at first', async () => {
    const here = aContainer();
    const { draft } = await store.keypairs.draft(here, { name: 'raced', ...PAIR });
    await storePair(store, here, { name: 'raced', ...PAIR });
    const creating = store.keypairs.create(ACTOR, here, draft as CompleteDraft, { issuing: signedBy(nobody) });
    await expect(creating).rejects.toMatchObject({ problems: [{ code: 'NAME_TAKEN' }] });
  });
});

describe('who signed a pair, and whether its key may leave', () => {
  test('is stored as it was said, in whatever order', async () => {
    const here = aContainer();
    const id = await signer(here);
    const one = await storePair(store, here, { name: 'one', ...PAIR }, { signerId: id, privateKeyExportable: false });
    const other = await storePair(
      store,
      here,
      { name: 'other', ...PAIR },
      { privateKeyExportable: false, signerId: id },
    );
    expect(await links(one)).toEqual([{ signerId: id, exportable: false }]);
    expect(await links(other)).toEqual([{ signerId: id, exportable: false }]);
    expect(await links(id)).toEqual([{ signerId: null, exportable: true }]);
    expect((await store.keypairs.viewOf(here, other)).privateKeyExportable).toBe(false);
  });

  test('stays when anything else is changed', async () => {
    const here = aContainer();
    const id = await signer(here);
    const blocked = { signerId: id, privateKeyExportable: false };
    const changed = await storePair(store, here, { name: 'blocked', ...PAIR }, blocked);
    const { draft } = await store.keypairs.draft(here, { name: 'changed', ...opensslPair('other.example') }, changed);
    await store.keypairs.update(ACTOR, here, changed, draft);

    expect(await store.keypairs.viewOf(here, changed)).toMatchObject({
      name: 'changed',
      commonName: 'other.example',
      privateKeyExportable: false,
    });
    expect(await links(changed)).toEqual([{ signerId: id, exportable: false }]);
  });
});

describe('events', () => {
  const model = (id: KeypairId, name: string) => ({
    ...{ pk: id.replaceAll('-', ''), app: 'authentik_crypto', model_name: 'certificatekeypair', name },
  });

  test('of a container tell which it is, and of a new pair who signed it', async () => {
    const here = aContainer();
    const id = await signer(here);
    const signed = await child(here, id, 'leaf');
    await store.keypairs.certificateText(ACTOR, here, signed, false);
    await store.keypairs.remove(ACTOR, here, signed);

    const { name: _, ...signerModel } = model(id, '');
    expect(await contexts(signed)).toEqual([
      { action: 'model_created', model: model(signed, 'leaf'), placement: here, signer: signerModel },
      { action: 'secret_view', secret: model(signed, 'leaf'), type: 'certificate', placement: here },
      { action: 'model_deleted', model: model(signed, 'leaf'), placement: here },
    ]);
  });

  test('of authentik’s pairs tell of no place: it has but one', async () => {
    const here = { realm: 'authentik', scope: '' } as const;
    const id = await storePair(store, here, { name: 'plain', ...PAIR });
    await store.keypairs.privateKeyText(ACTOR, here, id);
    expect(await contexts(id)).toEqual([
      { action: 'model_created', model: model(id, 'plain') },
      { action: 'secret_view', secret: model(id, 'plain'), type: 'private_key' },
    ]);
  });
});
