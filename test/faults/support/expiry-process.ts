// Watches the expiry of certificates and delivers webhooks in a process of its own, for tests that kill that process.
import { randomUUID } from 'node:crypto';
import { auditTrail } from '../../../src/audit/index.ts';
import { openDatabase, openLease } from '../../../src/database/index.ts';
import { expiryRepository } from '../../../src/operations/expiry/expiry-repository.ts';
import { EXPIRY_WATCH_LEASE, watchExpiry } from '../../../src/operations/expiry/expiry-watch.ts';
import { deliverWebhooks } from '../../../src/operations/webhooks/delivery.ts';
import { webhookSender } from '../../../src/operations/webhooks/send.ts';
import { webhookRepository } from '../../../src/operations/webhooks/webhook-repository.ts';

const [databaseUrl = '', webhookUrl = '', secret = ''] = process.argv.slice(2);
const quiet = () => {};
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const database = openDatabase({ url: databaseUrl, poolSize: 4, timeoutMs: 10_000, preparedStatements: true, log });
const key = { id: 'test', key: Buffer.alloc(32) };

watchExpiry({
  repository: expiryRepository(database),
  trail: auditTrail({ insert: async () => {} }, key),
  lease: openLease(database, { ...EXPIRY_WATCH_LEASE, holder: randomUUID() }),
  log,
  sendsWebhooks: true,
  intervalMs: 10,
  batch: 20,
});
deliverWebhooks({
  repository: webhookRepository(database),
  send: webhookSender({ webhook: { url: webhookUrl, secrets: [secret], privateNetworks: ['127.0.0.1'] } }),
  log,
  intervalMs: 10,
});
// What it does keeps no process alive.
setInterval(quiet, 60_000);
