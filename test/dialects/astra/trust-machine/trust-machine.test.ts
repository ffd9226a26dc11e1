import { execFileSync } from 'node:child_process';
import { randomUUID, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AccountId } from '../../../../src/access/index.ts';
import { OPERATOR } from '../../../../src/audit/index.ts';
import { isLongRun } from '../../../faults/support/rounds.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { add, look, type Model, type Real, STEPS } from './commands.ts';
import type { Material, TrustModel } from './model.ts';

const DAYS = 120;
/** Ten thousand take two minutes: CERTKEEP_FAULT_ROUNDS=20 npx vitest run test/dialects/astra/trust-machine */
const COMMANDS = isLongRun() ? 10_000 : 3000;
/** Of few commands, chance has more to say about how often each transition comes. */
const SHARE = isLongRun() ? 0.1 : 0.05;
const MAX_STEPS = 200;

const clock = { now: Date.now() };
let server: TestServer;
let account: AccountId;
let materials: readonly Material[];
beforeAll(async () => {
  server = await startServer({}, undefined, undefined, () => new Date(clock.now));
  account = (await server.accounts.create(OPERATOR, { name: `account ${randomUUID()}` })).id;
  materials = makeMaterials();
});
afterAll(() => server.close());

/** Certifies one key for 1, 2, … days. A shell is begun once, and quicker begins programs than a process of this size. */
const CERTIFY = `
  openssl genpkey -algorithm ED25519 -out key.pem
  for days in $(seq "$1"); do
    openssl req -x509 -key key.pem -subj "/CN=Lab CA $days" -days "$days"
  done`;

/** One CA, certified anew for each number of days. */
function makeMaterials(): Material[] {
  const directory = mkdtempSync(join(tmpdir(), 'certkeep-trust-'));
  try {
    const pem = execFileSync('sh', ['-ec', CERTIFY, 'sh', String(DAYS)], { cwd: directory, encoding: 'utf8' });
    const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? [];
    return certificates.map((text, index) => ({
      cert: Buffer.from(text).toString('base64'),
      commonName: `Lab CA ${index + 1}`,
      notAfter: Date.parse(new X509Certificate(text).validTo),
    }));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The transitions that the audit trail tells of, in their order. */
async function toldOf(id: string): Promise<string[]> {
  const events = await server.database.query<{ context: string }>(
    "SELECT context FROM events WHERE app = 'certkeep.trust' AND model_pk = $1 ORDER BY created_at, ctid",
    [id.replaceAll('-', '')],
  );
  return events.map(({ context }) => {
    const { from, to } = (JSON.parse(context) as { trust_state: { from: string; to: string } }).trust_state;
    return `${from} → ${to}`;
  });
}

test('whatever clients and time do, trust and all else are as the contract says, and each transition is told of once', async () => {
  const counts = new Map<string, number>();
  let steps = 0;
  const walk = async (commands: Iterable<fc.AsyncCommand<Model, Real>>) => {
    clock.now = Date.now();
    const real: Real = {
      collection: `/accounts/${account}/core/v1/certificates`,
      materials,
      clock,
      request: server.request,
      ...{ id: '', etag: '', staleEtag: '"0123456789abcdef0123456789abcdef"', modified: '', steps: 0, ended: [] },
    };
    const model = { current: await add(real, materials[0] as Material) };
    await look(model, real);
    await fc.asyncModelRun(() => ({ model, real }), commands);
    const all: { id: string; model: TrustModel }[] = [...real.ended, { id: real.id, model: model.current }];
    for (const { id, model } of all) {
      expect(await toldOf(id)).toEqual(model.transitions);
      for (const transition of model.transitions) {
        counts.set(transition, (counts.get(transition) ?? 0) + 1);
      }
    }
    steps += real.steps;
  };
  while (steps < COMMANDS) {
    await fc.assert(fc.asyncProperty(fc.commands([...STEPS], { maxCommands: MAX_STEPS, size: 'max' }), walk), {
      numRuns: 10,
    });
  }

  const shares = [...counts].map(([transition, count]) => `${transition} ${((100 * count) / steps).toFixed(1)} %`);
  process.stdout.write(`${steps} commands: ${shares.sort().join(', ')}\n`);
  expect(counts.size).toBe(6);
  for (const count of counts.values()) {
    expect(count / steps).toBeGreaterThan(SHARE);
  }
}, 600_000);
