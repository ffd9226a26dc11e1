import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { explainFailure, type StartedMetrics, startMetrics } from '../../../src/operations/index.ts';
import { openMetrics } from '../../../src/operations/metrics/metrics.ts';
import { parseExposition } from '../../support/exposition.ts';
import { sendRaw } from '../../support/send-raw.ts';
import { until } from '../../support/until.ts';

const log = { info() {}, error() {} };
let started: StartedMetrics | undefined;
afterEach(async () => {
  await started?.close();
  started = undefined;
});

async function listen(metrics: Parameters<typeof startMetrics>[0]['metrics'] = openMetrics()): Promise<string> {
  started = await startMetrics({ config: { host: 'localhost', port: 0 }, metrics, version: '1.2.3', log });
  return started.url ?? '';
}

describe('the listener of the metrics', () => {
  it('is not opened where no port is given', async () => {
    const none = { host: 'localhost', port: undefined };
    started = await startMetrics({ config: none, metrics: openMetrics(), version: '1.2.3', log });
    expect(started.url).toBeUndefined();
  });

  it('answers GET and HEAD of /metrics in the text format 0.0.4, with the version and what the process is', async () => {
    const url = await listen();
    const answer = await fetch(`${url}/metrics`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    const shown = parseExposition(await answer.text());
    expect(shown.value('certkeep_build_info', { version: '1.2.3' })).toBe(1);
    expect(shown.value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(shown.names).toContain('nodejs_eventloop_lag_seconds');

    const head = await fetch(`${url}/metrics?x=1`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(1000);
  });

  it.each([
    ['GET', '/', 404],
    ['GET', '/metrics/', 404],
    ['GET', '/-/health/ready/', 404],
    ['GET', '/api/v3/crypto/certificatekeypairs/', 404],
    ['POST', '/metrics', 405],
    ['DELETE', '/metrics', 405],
    ['PROPFIND', '/metrics', 405],
  ])('answers nothing else: %s %s', async (method, path, status) => {
    const answer = await fetch((await listen()) + path, { method });
    expect([answer.status, await answer.text()]).toEqual([status, '']);
    expect(answer.headers.get('allow')).toBe(status === 405 ? 'GET, HEAD' : null);
  });

  it('refuses a head that is too large, and more connections than scrapers can need', async () => {
    const url = await listen();
    const large = await sendRaw(url, `GET /metrics HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(10_000)}\r\n\r\n`);
    expect(large.status).toBe(431);

    const { hostname, port } = new URL(url);
    let closed = 0;
    const sockets = Array.from({ length: 40 }, () => connect(Number(port), hostname));
    for (const socket of sockets) {
      socket.on('error', () => {}).on('close', () => closed++);
    }
    await until(() => closed >= 8);
    for (const socket of sockets) {
      socket.destroy();
    }
  });

  it('makes one text for all who ask at once, and answers each of them', async () => {
    let made = 0;
    const metrics = async () => `text ${++made}\n`;
    const url = await listen({ exposition: () => ({ contentType: 'text/plain', metrics }) });
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let answers = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answers += chunk;
    });
    // In one segment.
    socket.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(100));
    await until(() => answers.split('HTTP/1.1 200').length === 101);
    socket.destroy();
    expect(made).toBeLessThan(10);
    expect(await (await fetch(`${url}/metrics`)).text()).toBe(`text ${made}\n`);
  });

  it('answers 500 and goes on where the metrics can not be shown', async () => {
    const broken = { contentType: 'text/plain', metrics: () => Promise.reject(new Error('broken')) };
    const url = await listen({ exposition: () => broken });
    const answer = await fetch(`${url}/metrics`);
    expect([answer.status, await answer.text()]).toEqual([500, '']);
  });

  it('says by which settings another address is given where its own is taken, and the process ends with 1', async () => {
    const { port } = new URL(await listen());
    const config = { host: '127.0.0.1', port: Number(port) };
    const second = startMetrics({ config, metrics: openMetrics(), version: '1.2.3', log });
    const error = await second.catch((reason: unknown) => reason);
    expect(explainFailure(error)).toEqual({
      text: `Certkeep does not start.\n\nMetrics can't be answered on 127.0.0.1:${port} (EADDRINUSE). Set CERTKEEP_METRICS_HOST and CERTKEEP_METRICS_PORT.`,
      exitCode: 1,
    });
  });
});
