import { collectDefaultMetrics, Registry } from 'prom-client';

let registry: Registry | undefined;

/**
 * The library's own metrics of the process and of Node. They are the process's, however many servers it has, and what watches the event
 * loop and the garbage collection for them runs until its end.
 */
export function processMetrics(): Registry {
  if (registry === undefined) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}
