import { Gauge, type Registry } from 'prom-client';

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface StoreGaugeOptions<T> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  /** Gives undefined where it could not be read, and the same object as long as nothing was read anew. */
  read(): Promise<T | undefined>;
  samples(of: T): readonly Sample[];
}

/** A gauge of what was read; without a sample where it could not be. */
export function storeGauge<T>(registry: Registry, options: StoreGaugeOptions<T>): void {
  const { name, help, labelNames = [], read, samples } = options;
  let shown: T | undefined;
  const gauge = new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    async collect() {
      const value = await read();
      if (value === shown) {
        return;
      }
      shown = value;
      empty(this);
      for (const sample of value === undefined ? [] : samples(value)) {
        this.set(sample.labels ?? {}, sample.value);
      }
    },
  });
  empty(gauge);
}

function empty(gauge: Gauge): void {
  gauge.reset();
  // The one sample of a gauge without labels, which the library sets to 0.
  gauge.remove({});
}
