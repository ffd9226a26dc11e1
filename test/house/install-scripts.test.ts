import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));

interface Lock {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean; readonly dev?: boolean }>>;
}
interface Manifest {
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

const { packages } = read('package-lock.json') as Lock;
const { allowScripts } = read('package.json') as Manifest;
/** A path such as `node_modules/a/node_modules/@b/c` ends with the name. */
const withScripts = Object.entries(packages).flatMap(([path, { hasInstallScript }]) =>
  path !== '' && hasInstallScript === true ? [path.split('node_modules/').at(-1) as string] : [],
);

test('no dependency is let run a script of its own at installation', () => {
  expect(withScripts).toContain('prisma');
  expect(Object.fromEntries([...new Set(withScripts)].map((name) => [name, allowScripts[name]]))).toEqual(
    Object.fromEntries(withScripts.map((name) => [name, false])),
  );
});
