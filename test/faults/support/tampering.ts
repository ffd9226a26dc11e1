import { randomBytes } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import type { KekRefused, RotateOptions } from '../../../src/sealing/index.ts';
import { opensslPair } from '../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';
import { commandOn } from '../../support/store.ts';
import { printFigures } from './figures.ts';

/** The columns of a sealed record that make it what it is. */
export const SEALED = 'format_version, kek_id, wrap_nonce, wrapped_key, nonce, ciphertext, tag';

const BROKEN = { status: 500, body: { detail: 'The stored text of this pair can not be opened. The log says why.' } };

export interface StoredPair {
  readonly pk: string;
  readonly privateKey: string;
}

/** A server of the test's own, two KEKs known to its store, and pairs of which some are to be tampered with. */
export interface Scene {
  readonly server: TestServer;
  /** The id of the KEK that seals, and of the one that waits. */
  readonly keks: { readonly sealing: string; readonly openable: string };
  create(name: string, more?: object): Promise<StoredPair>;
  /** Changes rows behind the server's back, and prints of how many it did. `RETURNING` is added. */
  tamper(how: string, statement: string, values: readonly unknown[]): Promise<void>;
  /**
   * Looks at the pairs after the tampering: those are refused by name, and nothing of a key is told; all others work; a rotation names
   * and leaves the same, and re-wraps the rest.
   *
   * @param named how many secrets of each the rotation names: none where it takes them for done
   */
  expectRefused(tampered: readonly StoredPair[], others: readonly StoredPair[], named?: number): Promise<void>;
}

export async function setScene(): Promise<Scene> {
  const [sealing, openable] = [randomBytes(32), randomBytes(32)].map((kek) => kek.toString('base64'));
  const kek = `${sealing} ${openable}`;
  const server = await startServer({ kek });
  onTestFinished(() => server.close());
  server.foreseeMistakes();
  const rows = await server.database.query<{ id: string; state: string }>('SELECT id, state FROM keks');
  const inState = (state: string) => rows.find((row) => row.state === state)?.id as string;
  const keks = { sealing: inState('sealing'), openable: inState('openable') };

  async function viewKey(pk: string) {
    const response = await server.request('GET', `${PAIRS}${pk}/view_private_key/`);
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  }

  async function rotate() {
    const store = await commandOn(server.database, kek);
    const failures: string[] = [];
    const watcher: RotateOptions['watcher'] = {
      onBegin() {},
      onProgress() {},
      onFailure: (error) => failures.push(error.message),
    };
    const result = await store.keks.rotate({ force: false, watcher });
    return { failures, ...result, retired: await store.keks.retire(keks.sealing).catch((error: KekRefused) => error) };
  }

  return {
    server,
    keks,
    async create(name, more = {}) {
      const { certificate, privateKey } = opensslPair(`${name}.example`);
      const body = { name, certificate_data: certificate, key_data: privateKey, ...more };
      const created = await server.request('POST', PAIRS, body);
      expect(created.status).toBe(201);
      return { pk: ((await created.json()) as { pk: string }).pk, privateKey: privateKey.trim() };
    },
    async tamper(how, statement, values) {
      const rows = await server.database.query(`${statement} RETURNING keypair_id`, [...values]);
      printFigures(`sealed key ${how}: ${rows.length} tampered with`);
      expect(rows.length).toBeGreaterThan(0);
    },
    async expectRefused(tampered, others, named = 1) {
      for (const { pk } of tampered) {
        expect(await viewKey(pk)).toEqual(BROKEN);
        expect((await server.request('GET', `${PAIRS}${pk}/`)).status).toBe(200);
        expect(errorsInLog(server).filter((text) => text.includes(pk))).not.toEqual([]);
      }
      const expectWorking = async () => {
        for (const { pk, privateKey } of others) {
          expect(await viewKey(pk)).toEqual({ status: 200, body: { data: privateKey } });
        }
      };
      await expectWorking();

      const { failures, failed, retired } = await rotate();
      expect(failed).toBe(named * tampered.length);
      expect(tampered.filter(({ pk }) => failures.filter((text) => text.includes(pk)).length !== named)).toEqual([]);
      expect(others.filter(({ pk }) => failures.some((text) => text.includes(pk)))).toEqual([]);
      for (const { pk } of tampered) {
        expect(await viewKey(pk)).toEqual(BROKEN);
      }
      await expectWorking();
      const told = JSON.stringify([server.log(), failures, String(retired)]);
      for (const secret of [sealing as string, openable as string, ...linesOf([...tampered, ...others])]) {
        expect(told).not.toContain(secret);
      }
    },
  };
}

function errorsInLog(server: TestServer): string[] {
  return server.log().flatMap((line) => {
    const { err } = line as { err?: { message?: string } };
    return err?.message === undefined ? [] : [err.message];
  });
}

/** The lines of keys that are base64: none may be told. */
function linesOf(pairs: readonly StoredPair[]): string[] {
  return pairs.flatMap(({ privateKey }) => privateKey.split('\n').filter((line) => !line.startsWith('-----')));
}
