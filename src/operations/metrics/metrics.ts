import { Counter, Gauge, Registry } from 'prom-client';
import { EVENT_ACTIONS, type EventAction } from '../../audit/index.ts';
import type { Lease } from '../../database/index.ts';
import { THRESHOLDS, type Threshold } from '../expiry/threshold.ts';
import { ATTEMPT_OUTCOMES, type AttemptOutcome } from '../webhooks/delivery.ts';
import { type CountSources, countMetrics } from './count-metrics.ts';
import { leaseMetrics, type WatchedLease } from './lease-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { type ReadinessSource, readinessMetrics } from './readiness-metrics.ts';
import { type RequestMetrics, requestMetrics } from './request-metrics.ts';
import { type StoreSources, storeMetrics } from './store-metrics.ts';

/** What a scrape is given. */
export interface Exposition {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** What the metrics are told of as it happens. Nobody who tells needs to know who listens. */
export interface Metrics {
  /** An audit event was written. */
  onEvent(action: EventAction): void;
  /** It was told that a certificate is about to expire. */
  onNotice(threshold: Threshold): void;
  /** A webhook was tried. */
  onAttempt(outcome: AttemptOutcome): void;
  /** The same lease, but that its metrics tell of it. */
  watchLease(lease: Lease, watched: WatchedLease): Lease;
  readonly requests: RequestMetrics;
  /** Shows the state of these at each scrape; to be called once. */
  show(sources: CountSources & StoreSources & ReadinessSource): void;
  /**
   * For Prometheus, together with the metrics of the process.
   *
   * @param version of the server
   */
  exposition(version: string): Exposition;
}

/** The metrics of one server, in a registry of their own: a process may hold several servers. */
export function openMetrics(): Metrics {
  const registry = new Registry();
  const build = new Gauge({
    name: 'certkeep_build_info',
    help: 'Always 1; the label says which version runs.',
    labelNames: ['version'],
    registers: [registry],
  });
  const count = (name: string, help: string, labelName: string, known: readonly string[]) =>
    labelledCounter(registry, { name: `certkeep_${name}`, help, labelName, known });
  return {
    onEvent: count('events_total', 'Audit events that this process wrote.', 'action', EVENT_ACTIONS),
    onNotice: count('expiry_notices_total', 'Notices of expiry that this process gave.', 'threshold', THRESHOLDS),
    onAttempt: count(
      'webhook_attempts_total',
      'Attempts of this process to deliver a webhook.',
      'outcome',
      ATTEMPT_OUTCOMES,
    ),
    watchLease: leaseMetrics(registry),
    requests: requestMetrics(registry),
    show(sources) {
      countMetrics(registry, sources);
      readinessMetrics(registry, sources);
      storeMetrics(registry, sources);
    },
    exposition(version) {
      build.set({ version }, 1);
      const ofProcess = processMetrics();
      return {
        contentType: registry.contentType,
        async metrics() {
          const parts = await Promise.all([registry.metrics(), ofProcess.metrics()]);
          return parts.join('\n');
        },
      };
    },
  };
}

interface LabelledCounter {
  readonly name: string;
  readonly help: string;
  readonly labelName: string;
  /** Shown from the beginning: an increase from nothing to one is none to Prometheus. */
  readonly known: readonly string[];
}

function labelledCounter(registry: Registry, { name, help, labelName, known }: LabelledCounter) {
  const counter = new Counter({ name, help, labelNames: [labelName], registers: [registry] });
  for (const value of known) {
    counter.inc({ [labelName]: value }, 0);
  }
  return (value: string) => counter.inc({ [labelName]: value });
}
