import type { AuditTrail } from '../audit/index.ts';
import type { Config } from '../config.ts';
import type { Lease } from '../database/index.ts';
import { type Keypairs, TRUST_WATCH_LEASE, type TrustStore, watchTrust } from '../keypairs/index.ts';
import { version } from '../version.ts';
import type { Log } from './assemble.ts';
import { discovery } from './discovery/discovery.ts';
import { DISCOVERY_LEASE, watchDirectory } from './discovery/watch-directory.ts';
import type { ExpiryRepository } from './expiry/expiry-repository.ts';
import { EXPIRY_WATCH_LEASE, watchExpiry } from './expiry/expiry-watch.ts';
import { firstPairs } from './first-pairs/first-pairs.ts';
import { makeFirstPairs } from './first-pairs/make-first-pairs.ts';
import type { Metrics } from './metrics/index.ts';
import { deliverWebhooks } from './webhooks/delivery.ts';
import { webhookSender } from './webhooks/send.ts';
import type { WebhookRepository } from './webhooks/webhook-repository.ts';

export interface ScheduledWorkOptions {
  readonly config: Pick<Config, 'authentikDefaults' | 'authentikSelfSigned' | 'discoveryDirectory' | 'webhook'>;
  readonly keypairs: Keypairs;
  readonly trust: TrustStore;
  readonly trail: AuditTrail;
  readonly watches: ExpiryRepository;
  readonly outbox: WebhookRepository;
  readonly metrics: Pick<Metrics, 'onAttempt' | 'onNotice'>;
  /** Opens what one process at a time holds. */
  leaseOf(lease: { readonly name: string; readonly durationMs: number }): Lease;
  readonly log: Log;
  /** Unless it is given, the system's clock dates what is made, and the database's judges what expires. */
  readonly now?: (() => Date) | undefined;
  /** How long it waits between its looks at what expires. */
  readonly expiryIntervalMs?: number | undefined;
}

export interface ScheduledWork {
  /** Ends what stores pairs: what it would store without the services that end next would stay so. */
  beginClosing(): void;
  close(): Promise<void>;
}

/** Begins what a server does without being asked, each by itself and all beside each other. None of it keeps the process alive. */
export function beginScheduledWork(options: ScheduledWorkOptions): ScheduledWork {
  const makers = [discover(options), makeDefaults(options)].filter((work) => work !== undefined);
  const others = [watch(options), tell(options), send(options)].filter((work) => work !== undefined);
  return {
    beginClosing() {
      for (const maker of makers) {
        void maker.close();
      }
    },
    async close() {
      await Promise.all([...makers, ...others].map((work) => work.close()));
    },
  };
}

function discover({ config, keypairs, leaseOf, log }: ScheduledWorkOptions) {
  const { discoveryDirectory: directory } = config;
  return directory === undefined
    ? undefined
    : watchDirectory({ ...discovery({ directory, keypairs, log }), directory, lease: leaseOf(DISCOVERY_LEASE), log });
}

function makeDefaults({ config, keypairs, log, now = () => new Date() }: ScheduledWorkOptions) {
  const profile = { selfSigned: config.authentikSelfSigned, issuerCommonName: `Certkeep ${version}`, now };
  return config.authentikDefaults ? makeFirstPairs({ keypairs, pairs: firstPairs(profile), log }) : undefined;
}

function watch({ trust, leaseOf, log }: ScheduledWorkOptions) {
  return watchTrust({ trust, lease: leaseOf(TRUST_WATCH_LEASE), log });
}

function tell({ config, watches, trail, leaseOf, metrics, log, now, expiryIntervalMs }: ScheduledWorkOptions) {
  return watchExpiry({
    repository: watches,
    trail,
    lease: leaseOf(EXPIRY_WATCH_LEASE),
    log,
    sendsWebhooks: config.webhook !== undefined,
    onNotice: metrics.onNotice,
    now,
    intervalMs: expiryIntervalMs,
  });
}

function send({ config: { webhook }, outbox, metrics, log }: ScheduledWorkOptions) {
  return webhook === undefined
    ? undefined
    : deliverWebhooks({ repository: outbox, send: webhookSender({ webhook }), onAttempt: metrics.onAttempt, log });
}
