import { Gauge, type Registry } from 'prom-client';
import type { Readiness } from '../readiness.ts';
import { inTime } from './shared-read.ts';

export interface ReadinessSource {
  readonly readiness: Pick<Readiness, 'verdicts'>;
}

/** Shows what readiness is judged by; of a check that could not be made, nothing. */
export function readinessMetrics(registry: Registry, { readiness }: ReadinessSource): void {
  new Gauge({
    name: 'certkeep_ready',
    help: 'Whether a condition of readiness holds; all of them make the server ready.',
    labelNames: ['check'],
    registers: [registry],
    async collect() {
      const verdicts = await inTime(readiness.verdicts());
      this.reset();
      for (const [check, holds] of Object.entries(verdicts ?? {})) {
        if (holds !== undefined) {
          this.set({ check }, holds ? 1 : 0);
        }
      }
    },
  });
}
