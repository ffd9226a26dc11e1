import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take seconds. They come last, so that a mutant that another test kills dies in a moment. */
const SLOW = ['hostile-input.test.ts', 'authentik-profile.test.ts'];

class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => SLOW.findIndex((name) => moduleId.endsWith(name));
    return files.toSorted((a, b) => rank(a) - rank(b));
  }
}

/** The tests of src/x509/ alone: they need no database. */
export default defineConfig({
  test: {
    include: ['test/x509/**/*.test.ts'],
    exclude: ['test/x509/hostile-input.test.ts'],
    setupFiles: ['test/mutation/keys-once.ts'],
    isolate: false,
    sequence: { sequencer: QuickFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
