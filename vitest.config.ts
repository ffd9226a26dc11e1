import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** What these test files look at is their process's own: its memory, its threads, how promptly it answers, its children and its environment. */
const APART = [
  'test/database/**/*.test.ts',
  'test/faults/**/*.test.ts',
  'test/x509/worker/**/*.test.ts',
  // Replaces a module of Node's, which in a shared process was loaded before.
  'test/config.test.ts',
];

const common = {
  setupFiles: ['test/support/leaks/setup.ts'],
  // Vitest leaves one processor to itself, which of two is half: most tests wait for a server or for openssl anyway.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    // Once for both: a project that extended this would start a PostgreSQL of its own.
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    projects: [
      // The longest files are among these: begun first, they leave no worker alone with one at the end.
      { test: { ...common, name: 'apart', include: APART } },
      // To load Fastify, Prisma and zod anew takes longer than most files' tests, and what of ours is loaded keeps no state.
      { test: { ...common, name: 'together', include: ['test/**/*.test.ts'], exclude: APART, isolate: false } },
    ],
  },
});
