import type { Reporter, TestModule } from 'vitest/node';

/** Ends the run's output with one line that any machine can read. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state === 'pending' ? 'failed' : state]++;
      }
    }
    // At the very end: what the run leaves behind is looked at after its tests, and may fail it too.
    process.once('exit', () => {
      const failed = Math.max(counts.failed, process.exitCode ? 1 : 0);
      const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`;
      process.stdout.write(`\n${counts.passed} passed, ${failed} failed${skipped}\n`);
    });
  }
}
