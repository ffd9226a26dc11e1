import { Counter, Gauge, type Registry } from 'prom-client';
import type { ConnectionCounts } from '../../database/index.ts';
import type { TurnCounts } from '../../keypairs/index.ts';

/** What this process counts anyway. */
export interface CountSources {
  readonly database: { connections(): ConnectionCounts };
  /** Generations of keys. */
  readonly queue: { counts(): TurnCounts };
  readonly searches: { counts(): TurnCounts };
}

/** Shows at each scrape what its sources count: connections by OpenTelemetry's names, and work that takes turns. */
export function countMetrics(registry: Registry, { database, queue, searches }: CountSources): void {
  connectionMetrics(registry, () => database.connections());
  turnMetrics(registry, 'key_generations', 'Generations of keys', () => queue.counts());
  turnMetrics(registry, 'searches', 'Searches', () => searches.counts());
}

function connectionMetrics(registry: Registry, counts: () => ConnectionCounts): void {
  const gauge = (name: string, help: string, value: (of: ConnectionCounts) => number) =>
    new Gauge({
      name: `db_client_connection_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(value(counts()));
      },
    });
  new Gauge({
    name: 'db_client_connection_count',
    help: "Connections of the database's pool.",
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { used, idle } = counts();
      this.set({ state: 'used' }, used);
      this.set({ state: 'idle' }, idle);
    },
  });
  gauge('max', "How many connections the database's pool may have.", ({ max }) => max);
  gauge('pending_requests', "What waits for a connection of the database's pool.", ({ pending }) => pending);
}

function turnMetrics(registry: Registry, what: string, words: string, counts: () => TurnCounts): void {
  const gauge = (state: 'running' | 'waiting', help: string) =>
    new Gauge({
      name: `certkeep_${what}_${state}`,
      help,
      registers: [registry],
      collect() {
        this.set(counts()[state]);
      },
    });
  gauge('running', `${words} that run.`);
  gauge('waiting', `${words} that wait for their turn.`);
  new Counter({
    name: `certkeep_${what}_refused_total`,
    help: `${words} that were sent away because too many waited, or waited for too long.`,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(counts().refused);
    },
  });
}
