import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { leaseMetrics } from '../../../src/operations/metrics/lease-metrics.ts';
import { parseExposition } from '../../support/exposition.ts';

/** A lease that is given or not, on a clock of its own. */
function watched() {
  const state = { at: 5_000, isFree: true };
  const registry = new Registry();
  const lease = leaseMetrics(registry, () => state.at)(
    { take: async () => state.isFree, release: async () => {} },
    { name: 'work', durationMs: 1_000 },
  );
  const shown = async () => {
    const exposition = parseExposition(await registry.metrics());
    const labels = { lease: 'work' };
    return [
      exposition.value('certkeep_lease_held', labels),
      exposition.value('certkeep_lease_acquisitions_total', labels),
    ];
  };
  return { state, lease, shown };
}

describe('the metrics of a lease', () => {
  it('show it before it is taken for the first time, as not held', async () => {
    expect(await watched().shown()).toEqual([0, 0]);
  });

  it('count how often it came, not how often it was renewed', async () => {
    const { state, lease, shown } = watched();
    await lease.take();
    state.at += 999;
    await lease.take();
    state.at += 999;
    expect(await shown()).toEqual([1, 1]);
    await lease.release();
    expect(await shown()).toEqual([0, 1]);
    await lease.take();
    expect(await shown()).toEqual([1, 2]);
  });

  it('show it as held no longer than it is, also where nobody gives it back', async () => {
    const { state, lease, shown } = watched();
    await lease.take();
    state.at += 1_000;
    expect(await shown()).toEqual([0, 1]);
    await lease.take();
    expect(await shown()).toEqual([1, 2]);
  });

  it('show it as lost where another process has it', async () => {
    const { state, lease, shown } = watched();
    await lease.take();
    state.isFree = false;
    expect(await lease.take()).toBe(false);
    expect(await shown()).toEqual([0, 1]);
  });
});
