import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { startServer } from '../servers.ts';
import { median } from '../statistics.ts';

/**
 * From the process's start until it listens, with an embedded database that must be made, with the same again, and with a database
 * outside. A server listens when it is ready, and not before: its answer for readiness is asked to make sure.
 */
export async function starts({ rounds, report, environment, token, folder }: Bench): Promise<void> {
  const secondsUntilReady = async (given: Readonly<Record<string, string>>) => {
    const server = await startServer(given, token);
    try {
      const { status } = await fetch(`${server.url}/-/health/ready/`);
      if (status !== 200) {
        throw new Error(`a server that listens is not ready: ${status}`);
      }
      return server.readyAfter / 1000;
    } finally {
      await server.stop();
    }
  };
  const [cold, warm, external]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    const embedded = { CERTKEEP_DATA_DIR: join(folder, `embedded-${round}`) };
    cold.push(await secondsUntilReady(embedded));
    warm.push(await secondsUntilReady(embedded));
    external.push(await secondsUntilReady(environment));
  }
  report.figures('time to ready', [
    { name: 'cold: an embedded database that must be made', value: median(cold), unit: 's' },
    { name: 'warm: the embedded database is there', value: median(warm), unit: 's' },
    { name: 'with a database outside', value: median(external), unit: 's' },
  ]);
  report.goal('ready, warm', median(warm), 's', { atMost: 2 });
}
