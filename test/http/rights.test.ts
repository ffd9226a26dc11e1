import Fastify, { type FastifyInstance } from 'fastify';
import { beforeEach, expect, test } from 'vitest';
import { requireRights } from '../../src/http/index.ts';

let app: FastifyInstance;
beforeEach(() => {
  app = Fastify();
  app.decorateRequest('caller', undefined);
});

const handler = () => 'reached';

test('a route that names no operation of the table of rights does not register', () => {
  requireRights(app, 'authentik', () => async () => true);
  expect(() => app.get('/nameless', handler)).toThrow('/nameless names no operation');
});

test('a route that names another realm’s operation does not register', () => {
  requireRights(app, 'strata', () => async () => true);
  const config = { operation: 'authentik.root.config' } as const;
  expect(() => app.get('/foreign', { config }, handler)).toThrow('which is none of strata');
});

test('a route is reached by nobody whom its operation does not let through', async () => {
  requireRights(app, 'authentik', () => async () => true);
  app.get('/open', { config: { operation: 'authentik.root.config' } }, handler);
  app.get('/closed', { config: { operation: 'authentik.certificatekeypairs.create' } }, handler);

  expect((await app.inject('/open')).body).toBe('reached');
  const refused = await app.inject('/closed');
  expect(refused.json()).toMatchObject({ code: 'NOT_AUTHENTICATED' });
});
