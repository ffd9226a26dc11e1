import type { Client } from '../client.ts';
import type { Journey } from '../pace.ts';
import type { Tally } from '../tally.ts';

const TIMEOUT_MS = 10_000;

/** What asks how the server is. */
export function probingJourneys(client: Client, metricsUrl: string, tally: Tally) {
  const health: Journey = {
    name: 'probes',
    requests: 2,
    async run() {
      await client.send({ kind: 'probe live', path: '/-/health/live/', expect: 200 });
      await client.send({ kind: 'probe ready', path: '/-/health/ready/', expect: 200 });
    },
  };

  const scrape: Journey = {
    name: 'metrics',
    requests: 1,
    async run() {
      const begin = performance.now();
      const response = await fetch(metricsUrl, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      const text = await response.text();
      if (response.status !== 200 || !text.includes('\nhttp_server_request_duration_seconds_count{')) {
        throw new Error(`metrics were answered ${response.status}, ${text.length} characters`);
      }
      tally.answered('metrics scrape', performance.now() - begin);
    },
  };

  return { health, scrape };
}
