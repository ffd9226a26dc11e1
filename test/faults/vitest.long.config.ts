import { defineConfig } from 'vitest/config';

/** Every fault as often as it takes to believe it: minutes instead of seconds. */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts', 'test/dialects/astra/trust-machine/*.test.ts'],
    env: { CERTKEEP_FAULT_ROUNDS: process.env['CERTKEEP_FAULT_ROUNDS'] || '20' },
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/leaks/setup.ts'],
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    // One after the other: what is measured is the fault and not the machine.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
