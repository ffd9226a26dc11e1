import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../scripts/support/free-port.ts';
import { blocksOf } from '../../scripts/support/page.ts';
import { expiryEvent } from '../../src/operations/expiry/expiry-event.ts';
import { expiryMessage } from '../../src/operations/expiry/expiry-message.ts';
import type { Notice } from '../../src/operations/expiry/notice.ts';
import { newMessage } from '../../src/operations/webhooks/message.ts';
import { webhookSender } from '../../src/operations/webhooks/send.ts';
import { signatureOf } from '../../src/operations/webhooks/signature.ts';
import { aSecret, webhookTo } from '../operations/webhooks/support.ts';
import { temporaryDirectory } from '../support/embedded-tools.ts';
import { present } from '../support/present.ts';
import { until } from '../support/until.ts';

const text = await readFile(fileURLToPath(new URL('../../docs/operations/expiry.md', import.meta.url)), 'utf8');
const page = blocksOf(text);
const blockOf = (heading: string, language: string) =>
  present(page.find((block) => block.heading === heading && block.language === language)).code.trimEnd();

const payload = blockOf('The webhook', 'json');
const headers = Object.fromEntries(
  blockOf('The webhook', 'http')
    .split('\n')
    .map((line) => line.split(': ') as [string, string]),
);
const secret = present(/`(whsec_[^`\s]{40,})`/.exec(text)?.[1]);

const NOTICE: Notice = {
  certificate: {
    keypair: {
      id: '0f8f6f43-6d1c-4c39-8a43-0d5a4cf5e6a1' as Notice['certificate']['keypair']['id'],
      name: 'edge',
      placement: { realm: 'authentik', scope: '' },
    },
    fingerprintSha256:
      '5e:88:48:98:da:28:04:71:51:d0:e5:6f:8d:c6:29:27:73:60:3d:0d:6a:ab:bd:d6:2a:11:ef:72:1d:15:42:d8',
    subject: 'CN=edge.example',
    issuer: 'CN=Example CA',
    serialNumber: '2a',
    validity: { notBefore: Date.parse('2026-01-01T00:00:00Z'), notAfter: Date.parse('2026-04-01T00:00:00Z') },
    since: Date.parse('2026-01-01T00:00:00Z'),
  },
  threshold: '7d',
  at: Date.parse('2026-03-25T00:00:04.120Z'),
};

test('the page shows a message and an event as they are made', () => {
  expect(expiryMessage(NOTICE).payload).toBe(payload);
  expect(expiryEvent(NOTICE).context).toEqual(JSON.parse(blockOf('The event', 'json')));
});

test('the library of Standard Webhooks verifies the page’s example, and we sign it so', () => {
  vi.useFakeTimers({ now: Number(headers['webhook-timestamp']) * 1000, toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  expect(new Webhook(secret).verify(payload, headers)).toEqual(JSON.parse(payload));
  const signed = { id: headers['webhook-id'] ?? '', timestamp: Number(headers['webhook-timestamp']), payload };
  expect(signatureOf(signed, [secret])).toBe(headers['webhook-signature']);
});

test('the page’s receiver prints each message that is signed once, and refuses others', async () => {
  const file = join(await temporaryDirectory(), 'receiver.mjs');
  await writeFile(file, blockOf('A receiver', 'js'));
  expect(blockOf('A receiver', 'js').split('\n').length).toBeLessThan(25);
  const port = await freePort();
  const webhook = webhookTo(`http://127.0.0.1:${port}/`);
  const env = { PORT: String(port), SECRET: webhook.secrets[0] };
  const receiver = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    receiver.kill();
    await once(receiver, 'exit');
  });
  let printed = '';
  receiver.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk;
  });

  const message = newMessage('webhook.test', new Date(), { name: 'Straße' });
  const send = webhookSender({ webhook });
  await until(() =>
    send(message).then(
      () => true,
      () => false,
    ),
  );
  await send(message);
  await expect(webhookSender({ webhook: { ...webhook, secrets: [aSecret()] } })(message)).rejects.toThrow('(401)');
  await until(() => printed.includes('\n'));
  expect(printed).toBe(`msg_${message.id} ${message.payload}\n`);
});
