import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { type AuditKeys, batchRepository, SEALER_LEASE } from '../../src/audit/index.ts';
import { openLease } from '../../src/database/index.ts';
import { openAudit, warnOfStrangeKey } from '../../src/operations/audit.ts';
import { keptLog, openTrail, someKeys } from '../support/audit.ts';
import { until } from '../support/until.ts';

/** What a server is told of that was given these keys, where the last batch was sealed with the trail's. */
async function told(keysOf: (ofTrail: AuditKeys) => AuditKeys, batches = 1) {
  const trail = await openTrail();
  onTestFinished(() => trail.close());
  for (let batch = 0; batch < batches; batch++) {
    await trail.sealed(1);
  }
  const { lines, log } = keptLog();
  await warnOfStrangeKey(batchRepository(trail.database), keysOf(trail.keys), log);
  return { lines, keyId: trail.keys.current.id };
}

test('a server that lacks the audit key of the last batch says so when it starts', async () => {
  const trail = await openTrail();
  onTestFinished(() => trail.close());
  await trail.sealed(1);
  const { lines, log } = keptLog();
  const lease = openLease(trail.database, { ...SEALER_LEASE, holder: randomUUID() });
  const config = { auditLog: undefined, auditRetentionDays: 0 };
  const audit = openAudit({ database: trail.database, lease, keys: someKeys(), config, log });
  onTestFinished(() => audit.close());
  audit.startSealing();
  await until(() => lines.some(({ message }) => message.includes('sealed with a key that this server does not have')));
});

test('it is told by the name of the key that it lacks', async () => {
  const { lines, keyId } = await told(() => someKeys());
  expect(lines).toEqual([
    {
      level: 'warn',
      fields: { auditKey: keyId },
      message: expect.stringContaining('all servers of a database need the same audit keys'),
    },
  ]);
});

test('a server that has it, be it to verify alone, says nothing', async () => {
  const { lines } = await told((ofTrail) => {
    const { current } = someKeys();
    return { current, all: [current, ...ofTrail.all] };
  });
  expect(lines).toEqual([]);
});

test('where nothing was sealed yet, any key will do', async () => {
  expect((await told(() => someKeys(), 0)).lines).toEqual([]);
});
