import { randomUUID } from 'node:crypto';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { AttemptFailed } from '../../../src/operations/webhooks/attempt-failed.ts';
import { newMessage } from '../../../src/operations/webhooks/message.ts';
import { type SenderOptions, webhookSender } from '../../../src/operations/webhooks/send.ts';
import { opensslPair } from '../../support/openssl.ts';
import { present } from '../../support/present.ts';
import { until } from '../../support/until.ts';
import { answers, aSecret, startReceiver, webhookTo } from './support.ts';

const message = () => newMessage('certificate.expiring', new Date(), { name: 'Straße' });

/** What an attempt failed of. */
async function failureOf(options: SenderOptions): Promise<AttemptFailed> {
  const error: unknown = await webhookSender(options)(message()).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(AttemptFailed);
  return error as AttemptFailed;
}

describe('a message', () => {
  test('is verified by the Standard Webhooks library, with either of two secrets, and by no other', async () => {
    const receiver = await startReceiver();
    const secrets = [aSecret(24), aSecret(64)];
    const sent = message();
    await expect(webhookSender({ webhook: webhookTo(receiver.url, { secrets }) })(sent)).resolves.toEqual({
      status: 204,
    });

    const { headers, body, method } = present(receiver.received[0]);
    expect(method).toBe('POST');
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': `msg_${sent.id}` });
    for (const secret of secrets) {
      expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(sent.payload));
    }
    expect(() => new Webhook(aSecret()).verify(body, headers)).toThrow();
    expect(() => new Webhook(present(secrets[0])).verify(`${body} `, headers)).toThrow();
  });

  test('has the same id at each attempt, and a timestamp and signature of that attempt', async () => {
    const receiver = await startReceiver(answers(500));
    const send = webhookSender({ webhook: webhookTo(receiver.url) });
    const sent = message();
    const clock = vi.spyOn(Date, 'now');
    onTestFinished(() => clock.mockRestore());
    for (const seconds of [1_700_000_000, 1_700_000_100]) {
      clock.mockReturnValue(seconds * 1000 + 999);
      await expect(send(sent)).rejects.toThrow('(500)');
    }
    const [first, second] = receiver.received.map(({ headers }) => headers);
    expect([first?.['webhook-timestamp'], second?.['webhook-timestamp']]).toEqual(['1700000000', '1700000100']);
    expect(first?.['webhook-id']).toBe(second?.['webhook-id']);
    expect(first?.['webhook-signature']).not.toBe(second?.['webhook-signature']);
  });
});

describe('a receiver', () => {
  test.each([
    [400, 'STATUS'],
    [410, 'GONE'],
    [500, 'STATUS'],
  ])('that answers %s fails the attempt: %s', async (status, code) => {
    const receiver = await startReceiver(answers(status));
    expect(await failureOf({ webhook: webhookTo(receiver.url) })).toMatchObject({ code });
  });

  test.each([
    [429, '120', 120_000],
    [503, '7', 7000],
    [503, 'soon', undefined],
    [500, '120', undefined],
  ])('that answers %s with Retry-After %s asks for that: %s', async (status, value, retryAfterMs) => {
    const receiver = await startReceiver(answers(status, { 'retry-after': value }));
    expect((await failureOf({ webhook: webhookTo(receiver.url) })).retryAfterMs).toEqual(retryAfterMs);
  });

  test('that answers with a moment as Retry-After asks for the time until then', async () => {
    // In whole seconds, as a header can say it.
    const moment = Math.ceil(Date.now() / 1000) * 1000 + 3_600_000;
    const receiver = await startReceiver(answers(503, { 'retry-after': new Date(moment).toUTCString() }));
    const begin = Date.now();
    const { retryAfterMs } = await failureOf({ webhook: webhookTo(receiver.url) });
    expect(retryAfterMs).toBeLessThanOrEqual(moment - begin);
    expect(retryAfterMs).toBeGreaterThanOrEqual(moment - Date.now());
  });

  test.each([301, 302, 307, 308])('that redirects with %s is not followed', async (status) => {
    const elsewhere = await startReceiver();
    const receiver = await startReceiver(answers(status, { location: elsewhere.url }));
    expect(await failureOf({ webhook: webhookTo(receiver.url) })).toMatchObject({ code: 'STATUS' });
    expect(elsewhere.received).toEqual([]);
  });

  test('that never answers is given up in time', async () => {
    const receiver = await startReceiver(() => {});
    expect(await failureOf({ webhook: webhookTo(receiver.url), timeoutMs: 100 })).toMatchObject({ code: 'TIMED_OUT' });
  });

  test('that drips its headers is given up in time', async () => {
    const port = await startRaw((socket) => {
      const timer = setInterval(() => socket.write('x'), 10);
      socket.on('close', () => clearInterval(timer));
    });
    const webhook = webhookTo(`http://127.0.0.1:${port}/`);
    expect(['TIMED_OUT', 'CONNECTION_FAILED']).toContain((await failureOf({ webhook, timeoutMs: 200 })).code);
  });

  test('that closes without an answer fails the attempt', async () => {
    const receiver = await startReceiver((response) => response.destroy());
    expect(await failureOf({ webhook: webhookTo(receiver.url) })).toMatchObject({ code: 'CONNECTION_FAILED' });
  });

  test('that changes the protocol fails the attempt', async () => {
    const port = await startRaw((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n');
    });
    const webhook = webhookTo(`http://127.0.0.1:${port}/`);
    expect(await failureOf({ webhook })).toMatchObject({ code: 'CONNECTION_FAILED' });
  });

  test('that sends an endless body is read a little, and cut off', async () => {
    let isCut = false;
    let written = 0;
    const receiver = await startReceiver((response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(1024);
      const more = () => {
        while (!response.destroyed && response.write(chunk)) {
          written += chunk.length;
        }
      };
      response.on('drain', more).on('close', () => {
        isCut = true;
      });
      more();
    });
    await webhookSender({ webhook: webhookTo(receiver.url) })(message());
    await until(() => isCut);
    // What the kernel's buffers of both ends hold, and no more.
    expect(written).toBeLessThan(16 << 20);
  });
});

describe('the address', () => {
  test.each([
    'http://127.0.0.1:1/',
    'http://0x7f.1:1/',
    'http://2130706433:1/',
    'http://0177.0.0.1:1/',
    'http://[::1]:1/',
    'http://[::ffff:7f00:1]:1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://localhost:1/',
  ])('%s is refused unless the operator allows it', async (url) => {
    const webhook = webhookTo(url, { privateNetworks: [] });
    expect(await failureOf({ webhook })).toMatchObject({ code: 'ADDRESS_REFUSED' });
  });

  test('of a name that has one private address beside a public one is refused', async () => {
    const webhook = webhookTo('http://webhook.example/', { privateNetworks: [] });
    const resolve = async () => [
      { address: '93.184.216.34', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ];
    expect(await failureOf({ webhook, resolve })).toMatchObject({ code: 'ADDRESS_REFUSED' });
  });

  test('that was checked is the one that is connected to, whatever the name means a moment later', async () => {
    const wanted = await startReceiver(answers(204), '127.0.0.2');
    const names: string[] = [];
    // The first answer is harmless; every later one leads elsewhere.
    const resolve = async (name: string) => {
      names.push(name);
      return [{ address: names.length === 1 ? '127.0.0.2' : '127.0.0.3', family: 4 }];
    };
    const webhook = webhookTo(`http://rebinding.example:${wanted.port}/hook`, { privateNetworks: ['127.0.0.2'] });
    const send = webhookSender({ webhook, resolve });
    await send(message());

    expect(names).toEqual(['rebinding.example']);
    expect(wanted.received[0]).toMatchObject({ path: '/hook', headers: { host: `rebinding.example:${wanted.port}` } });
    await expect(send(message())).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
    expect(wanted.received).toHaveLength(1);
  });

  test.each([
    ['has none', async () => []],
    ['is unknown', () => Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND x'), { code: 'ENOTFOUND' }))],
  ])('of a name that %s is a failure', async (_case, resolve) => {
    expect(await failureOf({ webhook: webhookTo('http://webhook.example/'), resolve })).toMatchObject({
      code: 'NAME_UNKNOWN',
    });
  });

  test('of a name that is never resolved is waited for no longer than the attempt may take', async () => {
    const webhook = webhookTo('http://webhook.example/');
    const resolve = () => new Promise<never>(() => {});
    expect(await failureOf({ webhook, resolve, timeoutMs: 50 })).toMatchObject({ code: 'TIMED_OUT' });
  });
});

test('of a receiver by https the certificate is verified, for the name in the URL', async () => {
  const { certificate, privateKey } = opensslPair('webhook.example');
  const names: string[] = [];
  const server = createTlsServer({
    ...{ cert: certificate, key: privateKey },
    SNICallback(name, done) {
      names.push(name);
      done(null, undefined);
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const failure = await failureOf({ webhook: webhookTo(`https://webhook.example:${port}/`), resolve });
  expect(failure.message).toBe('no answer could be had (DEPTH_ZERO_SELF_SIGNED_CERT)');
  expect(names).toEqual(['webhook.example']);
});

test('what a failure says holds nothing of the URL or of the answer', async () => {
  const secret = randomUUID();
  const receiver = await startReceiver((response) => response.writeHead(500, { 'x-secret': secret }).end(secret));
  const paths = ['', 'refused:1'].map(
    (host) => `http://user:${secret}@${host || `127.0.0.1:${receiver.port}`}/${secret}?token=${secret}`,
  );
  for (const url of [...paths, `http://user:${secret}@127.0.0.1:1/${secret}`]) {
    const { message: text, cause } = await failureOf({ webhook: webhookTo(url) });
    expect(text).not.toContain(secret);
    expect(text).not.toContain('127.0.0.1');
    expect(cause).toBeUndefined();
    expect(Buffer.byteLength(text)).toBeLessThan(1024);
  }
  const { headers } = present(receiver.received[0]);
  expect(headers['authorization']).toBe(`Basic ${Buffer.from(`user:${secret}`).toString('base64')}`);
});

async function startRaw(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
