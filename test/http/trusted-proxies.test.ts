import { describe, expect, onTestFinished, test } from 'vitest';
import { clientNetwork } from '../../src/audit/index.ts';
import { clientAddress } from '../../src/http/client-address.ts';
import { PAIRS, startServer } from '../support/server.ts';
import { exposure } from './support/exposure.ts';

const line = (log: readonly object[]) => log.findLast((each) => 'remoteAddress' in each);

/** What a server behind such proxies takes for the client's address; each request comes from 127.0.0.1. */
async function addressOf(trustedProxies: readonly string[], forwarded: string | undefined): Promise<unknown> {
  const server = await startServer({ exposure: exposure({ trustedProxies }) });
  onTestFinished(() => server.close());
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  await (await server.request('GET', PAIRS, undefined, headers)).text();
  return line(server.log());
}

describe("the client's address", () => {
  test.each([
    ['is the connection’s where no proxy is declared', [], '203.0.113.9', '127.0.0.1'],
    ['is the connection’s where another proxy is declared', ['10.0.0.0/8'], '203.0.113.9', '127.0.0.1'],
    ['is what the proxy tells', ['127.0.0.1'], '203.0.113.9', '203.0.113.9'],
    ['is the connection’s where the proxy tells nothing', ['127.0.0.1'], undefined, '127.0.0.1'],
    [
      'is the last one told, before which a client may put what it likes',
      ['127.0.0.1'],
      '1.1.1.1, 203.0.113.9',
      '203.0.113.9',
    ],
    [
      'is beyond each declared proxy',
      ['127.0.0.0/8', '10.0.0.0/8'],
      '1.1.1.1, 203.0.113.9, 10.1.2.3, 10.9.9.9',
      '203.0.113.9',
    ],
    [
      'is the first that no proxy has, though one has said it before',
      ['127.0.0.1', '10.0.0.1'],
      '10.0.0.1, 192.0.2.7, 10.0.0.1',
      '192.0.2.7',
    ],
    ['may be of IPv6', ['127.0.0.1', '2001:db8:1::/48'], '2001:db8:2::7, 2001:db8:1::1', '2001:db8:2::7'],
    ['is IPv4 where it is mapped into IPv6', ['127.0.0.1'], '::ffff:203.0.113.9', '203.0.113.9'],
    [
      'is beyond a proxy whose address is mapped',
      ['127.0.0.1', '10.0.0.0/8'],
      '203.0.113.9, ::ffff:10.1.2.3',
      '203.0.113.9',
    ],
    ['is no text that a proxy passed on', ['127.0.0.1'], '203.0.113.9, <script>', '127.0.0.1'],
    ['is not “unknown”', ['127.0.0.1', '10.0.0.0/8'], 'unknown, 10.1.2.3', '10.1.2.3'],
  ] as const)('%s', async (_promise, proxies, forwarded, address) => {
    expect(await addressOf(proxies, forwarded)).toMatchObject({ remoteAddress: address });
  });

  test('is IPv4 also where the server listens on IPv6', () => {
    expect(clientAddress({ ip: '::ffff:192.0.2.1', ips: undefined as never })).toBe('192.0.2.1');
  });
});

test.each([
  ['https', ['127.0.0.1'], 'max-age=31536000'],
  ['http', ['127.0.0.1'], null],
  ['https', [], null],
] as const)(
  'behind a proxy that says %s, declared as %j, TLS is demanded from then on: %s',
  async (scheme, trustedProxies, sent) => {
    const server = await startServer({ exposure: exposure({ trustedProxies }) });
    onTestFinished(() => server.close());
    for (const path of [PAIRS, '/nowhere', '/docs/', '/-/health/live/']) {
      const answer = await server.request('GET', path, undefined, { 'x-forwarded-proto': scheme });
      expect(answer.headers.get('strict-transport-security')).toBe(sent);
      await answer.arrayBuffer();
    }
  },
);

describe('a limit counts', () => {
  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['64:ff9b:1:2:3:4:192.0.2.1', '64:ff9b:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s as %s', (address, network) => {
    expect(clientNetwork(address)).toBe(network);
  });
});
