import { afterAll, beforeAll, expect, it } from 'vitest';
import { generateToken, TokenInvalid, type TokenReference, type Tokens } from '../../src/access/index.ts';
import { OPERATOR } from '../../src/audit/index.ts';
import type { Database } from '../../src/database/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { connect, tokensOn, wanted } from './support/tokens.ts';

let database: TestDatabase;
let connections: Database;
let tokens: Tokens;
beforeAll(async () => {
  database = await createDatabase();
  connections = connect(database.url);
  tokens = tokensOn(connections);
});
afterAll(async () => {
  await tokens.close();
  await connections.close();
  await database.drop();
});

async function make() {
  const { key, token } = await tokens.issue(OPERATOR, wanted());
  const client = await tokens.authenticateClient(token.identifier, key);
  return { key, token, reference: client.reference, client };
}

it('a client is whoever shows a token and its identifier or UUID, exactly', async () => {
  const { key, token, client } = await make();
  expect(client).toMatchObject({ caller: { tokenId: token.id }, expiresInMs: null });
  expect(client.reference).toEqual({
    tokenId: token.id,
    clientId: token.identifier,
    createdAtMs: token.createdAt.getTime(),
  });
  expect((await tokens.authenticateClient(token.id, key)).reference.clientId).toBe(token.id);
  const { token: another } = await make();
  for (const name of ['', ' ', `${token.identifier} `, token.id.toUpperCase(), another.id, 'a\0b', 'a'.repeat(300)]) {
    await expect(tokens.authenticateClient(name, key), name).rejects.toBeInstanceOf(TokenInvalid);
  }
  await expect(tokens.authenticateClient(token.identifier, generateToken())).rejects.toBeInstanceOf(TokenInvalid);
  await expect(tokens.authenticateClient(token.identifier, key.padEnd(5000, 'a'))).rejects.toBeInstanceOf(TokenInvalid);
});

it('a reference speaks for the same caller as its token, and one that is changed in any part for nobody', async () => {
  const { key, token, reference } = await make();
  for (const purpose of ['read', 'write'] as const) {
    expect(await tokens.authenticateById(reference, purpose)).toEqual(await tokens.authenticate(key, purpose));
    const { reference: another } = await make();
    const changed: readonly TokenReference[] = [
      { ...reference, tokenId: another.tokenId },
      { ...reference, tokenId: 'no UUID' },
      { ...reference, clientId: another.clientId },
      { ...reference, clientId: 'a\0b' },
      { ...reference, createdAtMs: reference.createdAtMs + 1 },
      { ...reference, createdAtMs: Number.NaN },
    ];
    for (const each of changed) {
      await expect(tokens.authenticateById(each, purpose), JSON.stringify(each)).rejects.toBeInstanceOf(TokenInvalid);
    }
  }
  expect((await tokens.authenticateById({ ...reference, clientId: token.id }, 'read')).tokenId).toBe(token.id);
});

it('a revocation ends a reference at once for writes, wherever it was made, and for reads of this process', async () => {
  const { token, reference } = await make();
  await tokens.authenticateById(reference, 'read');
  await database.query('UPDATE tokens SET revoked_at = now() WHERE id = $1', [token.id]);
  await expect(tokens.authenticateById(reference, 'write')).rejects.toBeInstanceOf(TokenInvalid);
  // Another process revoked it: a read may still believe what it asked a moment ago.
  expect((await tokens.authenticateById(reference, 'read')).tokenId).toBe(token.id);

  const { token: own, reference: another } = await make();
  await tokens.authenticateById(another, 'read');
  await tokens.revoke(OPERATOR, own.identifier);
  await expect(tokens.authenticateById(another, 'read')).rejects.toBeInstanceOf(TokenInvalid);
});

it('a token that ends says when, and its reference ends with it', async () => {
  const { token, key, reference } = await make();
  await database.query("UPDATE tokens SET expires_at = now() + interval '60 seconds' WHERE id = $1", [token.id]);
  const { expiresInMs } = await tokens.authenticateClient(token.identifier, key);
  expect(expiresInMs).toBeGreaterThan(30_000);
  expect(expiresInMs).toBeLessThanOrEqual(60_000);
  await database.query('UPDATE tokens SET expires_at = now() WHERE id = $1', [token.id]);
  await expect(tokens.authenticateById(reference, 'write')).rejects.toBeInstanceOf(TokenInvalid);
  await expect(tokens.authenticateClient(token.identifier, key)).rejects.toBeInstanceOf(TokenInvalid);
});
