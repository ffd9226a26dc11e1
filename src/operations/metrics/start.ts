import type { Config } from '../../config.ts';
import { listenAddress } from '../listen-address.ts';
import { openMetricsListener } from './listener.ts';
import type { Metrics } from './metrics.ts';

export interface StartMetricsOptions {
  readonly config: Pick<Config['metrics'], 'host' | 'port'>;
  readonly metrics: Pick<Metrics, 'exposition'>;
  /** Of the server. */
  readonly version: string;
  readonly log: { info(fields: object, message: string): void; error(fields: object, message: string): void };
}

/** Metrics that are answered, or not, where nobody asked for them. */
export interface StartedMetrics {
  /** Undefined where there is no listener. */
  readonly url: string | undefined;
  close(): Promise<void>;
}

/**
 * Opens the listener for Prometheus where a port is configured.
 *
 * @throws {MetricsAddressRefused} where the address can't be listened on
 * @throws {StartRefused} HOST_UNKNOWN, where the host has no address
 */
export async function startMetrics({ config, metrics, version, log }: StartMetricsOptions): Promise<StartedMetrics> {
  const { host, port } = config;
  if (port === undefined) {
    return { url: undefined, close: async () => {} };
  }
  const address = await listenAddress(host);
  const listener = await openMetricsListener({ host: address, port, registry: metrics.exposition(version), log });
  log.info({ url: listener.url }, 'metrics are answered');
  return listener;
}
