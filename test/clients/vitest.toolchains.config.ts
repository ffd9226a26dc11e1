import { defineConfig } from 'vitest/config';

/** The clients that need Go, Python or Terraform, which not every machine has: `npm test` leaves them out by their name. */
export default defineConfig({
  test: {
    include: ['test/clients/**/*.toolchain.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/leaks/setup.ts'],
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    // The first build of the Go client compiles authentik's whole API.
    testTimeout: 15 * 60_000,
    hookTimeout: 60_000,
  },
});
