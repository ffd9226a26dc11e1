import { Gauge, type Registry } from 'prom-client';
import type { MetricsRepository } from './metrics-repository.ts';
import { sharedRead } from './shared-read.ts';
import { type StoreGaugeOptions, storeGauge } from './store-gauge.ts';

export interface StoreSources {
  readonly repository: MetricsRepository;
  /** Of how many certificates each is shown. */
  readonly certificates: number;
  readonly log: { warn(fields: object, message: string): void };
}

const READ_EVERY_MS = 5_000;
/** What is counted over whole tables. */
const COUNT_EVERY_MS = 60_000;

/**
 * Shows what the database holds, as it was a few seconds ago at most, however many scrape. A database that is away, or too slow, takes
 * these metrics out of a scrape, and no others.
 */
export function storeMetrics(registry: Registry, { repository, certificates, log }: StoreSources): void {
  const shared = <T>(forMs: number, read: () => Promise<T>) => {
    const onFailure = (err: unknown) => log.warn({ err }, 'metrics of the store could not be read');
    return sharedRead({ read, forMs, onFailure });
  };
  const backlog = shared(READ_EVERY_MS, () => repository.backlog());
  const soonest = shared(READ_EVERY_MS, () => repository.soonestToExpire(certificates));
  const counts = shared(COUNT_EVERY_MS, async () => ({
    realms: await repository.perRealm(),
    webhooks: await repository.webhooks(),
  }));

  const gauge = <T>(options: StoreGaugeOptions<T>) =>
    storeGauge(registry, { ...options, name: `certkeep_${options.name}` });

  new Gauge({
    name: 'certkeep_database_up',
    help: 'Whether the metrics of the store could be read.',
    registers: [registry],
    async collect() {
      this.set((await backlog()) === undefined ? 0 : 1);
    },
  });
  gauge({
    name: 'events_unsealed',
    help: 'Audit events of the store that no batch holds yet; more than 100000 are not counted.',
    read: backlog,
    samples: ({ unsealedEvents }) => [{ value: unsealedEvents }],
  });
  gauge({
    name: 'webhook_messages',
    help: 'Webhooks of the store that wait to be delivered, or were given up; more than 100000 are not counted.',
    labelNames: ['state'],
    read: counts,
    samples: ({ webhooks: { pending, failed } }) => [
      { labels: { state: 'pending' }, value: pending },
      { labels: { state: 'failed' }, value: failed },
    ],
  });
  gauge({
    name: 'certificates',
    help: 'Stored certificates.',
    labelNames: ['realm'],
    read: counts,
    samples: ({ realms }) => realms.map(({ realm, stored }) => ({ labels: { realm }, value: stored })),
  });
  gauge({
    name: 'certificates_expired',
    help: 'Stored certificates that expired, however long ago.',
    labelNames: ['realm'],
    read: counts,
    samples: ({ realms }) => realms.map(({ realm, expired }) => ({ labels: { realm }, value: expired })),
  });
  gauge({
    name: 'certificate_not_after_timestamp_seconds',
    help: 'When a certificate expires, of those that expire next and those that expired lately.',
    labelNames: ['realm', 'scope', 'name', 'id'],
    read: soonest,
    samples: (shown) => shown.map(({ notAfter, ...labels }) => ({ labels, value: notAfter })),
  });
  gauge({
    name: 'certificates_not_shown',
    help: 'Certificates, not expired for more than 30 days, that are too many to be shown one by one.',
    read: counts,
    samples: ({ realms }) => {
      const eligible = realms.reduce((sum, realm) => sum + realm.eligible, 0);
      return [{ value: Math.max(0, eligible - certificates) }];
    },
  });
}
