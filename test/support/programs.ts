import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

type Program = 'src/main.ts' | 'src/cli/main.ts';

let isBuilt: boolean | undefined;

/**
 * How Node runs one of our programs. What `npm run build` made of the sources, as users run it and in half the time; where a source has
 * changed since, the sources themselves.
 *
 * @param program its path below the project
 * @returns the arguments of `node`, for the project's directory
 */
export function programArguments(program: Program): string[] {
  isBuilt ??= isNewer(join(root, 'dist'), join(root, 'src'));
  return isBuilt ? [compiledProgram(program)] : ['--import', 'tsx', program];
}

/** What `npm run build` makes of a program: its path below the project. */
export function compiledProgram(program: Program): string {
  return program.replace(/^src\/(.*)\.ts$/, 'dist/$1.js');
}

/** Whether each source was compiled after it was last changed. */
function isNewer(compiled: string, sources: string): boolean {
  const names = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(?<!\.d)\.ts$/.test(name),
  );
  return names.every((name) => {
    const made = statSync(join(compiled, name.replace(/\.ts$/, '.js')), { throwIfNoEntry: false });
    return made !== undefined && made.mtimeMs >= statSync(join(sources, name)).mtimeMs;
  });
}
