import { type ExportedFunction, exportedFunctions, readSource, reExports, resolveImport } from './source-scan.ts';

/** A function that src/x509/index.ts exports, and the file that defines it. */
export interface PublicFunction extends ExportedFunction {
  readonly path: string;
}

/** By the name under which index.ts exports them; what is no function (classes, constants, types) is left out. */
export function publicFunctions(path = 'index.ts'): Map<string, PublicFunction> {
  const source = readSource(path);
  const own = exportedFunctions(source).map((found) => [found.name, { ...found, path }] as const);
  const others = reExports(source).flatMap(({ from, names }) => {
    const theirs = publicFunctions(resolveImport(path, from));
    return names === null ? [...theirs] : pick(theirs, names);
  });
  return new Map([...own, ...others]);
}

function pick(
  functions: ReadonlyMap<string, PublicFunction>,
  names: ReadonlyMap<string, string>,
): Array<[string, PublicFunction]> {
  return [...names].flatMap(([outer, inner]) => {
    const found = functions.get(inner);
    return found === undefined ? [] : [[outer, found] as [string, PublicFunction]];
  });
}
