export { type MetricsListener, type MetricsListenerOptions, openMetricsListener } from './listener.ts';
export { type Exposition, type Metrics, openMetrics } from './metrics.ts';
export { metricsRepository } from './metrics-repository.ts';
export { type StartedMetrics, type StartMetricsOptions, startMetrics } from './start.ts';
