/** Mutation testing of the X.509 code: `npm run mutation`, see ../README.md. */
export default {
  mutate: ['src/x509/**/*.ts', '!src/x509/**/*.d.ts'],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner', './test/mutation/stryker/ignore-reasons.mjs'],
  ignorers: ['reasons'],
  // By default the runner asks Vite which tests import a file. They all do, by index.ts.
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // One runner: the tests of one mutant may start openssl and generate keys, and time is what tells an endless loop.
  concurrency: 1,
  timeoutMS: 10_000,
  incremental: true,
  incrementalFile: 'coverage/mutation/incremental.json',
  reporters: ['clear-text', 'json', 'html'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: 'coverage/mutation/mutation.json' },
  htmlReporter: { fileName: 'coverage/mutation/mutation.html' },
  // Outside of test/: else `npm test` would find the copies of the tests.
  tempDirName: 'coverage/mutation/sandbox',
  ignorePatterns: ['bench', 'coverage', 'data', 'dist', 'docs', 'prisma', 'scripts'],
  disableTypeChecks: false,
  // There is none of this name: Stryker would rewrite it by TypeScript's JavaScript API, which version 7 has no more.
  tsconfigFile: 'none',
};
