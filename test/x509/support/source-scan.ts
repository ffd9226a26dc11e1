import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Reads exported functions and their TSDoc out of the text: TypeScript 7's package has no parser that JavaScript can call. */

export interface ExportedFunction {
  readonly name: string;
  /** What stands between the comment's signs, without the asterisks; null where no comment stands right before the function. */
  readonly comment: string | null;
}

/** What a file gives on from another: `export { a, b as c } from './d.ts'`. */
export interface ReExport {
  readonly from: string;
  /** By exported name, the name in the other file; null for `*`. Types are left out. */
  readonly names: ReadonlyMap<string, string> | null;
}

const ROOT = join(import.meta.dirname, '../../../src/x509');

/** Paths below src/x509, declarations of types left out. */
export function sourceFiles(): string[] {
  return readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .map((path) => path.split(sep).join('/'))
    .sort();
}

export function readSource(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The path below src/x509 of what the file at `from` imports by `specifier`. */
export function resolveImport(from: string, specifier: string): string {
  return relative(ROOT, join(ROOT, from, '..', specifier))
    .split(sep)
    .join('/');
}

/** Function declarations and constants that are arrow functions. Of overloads, the first counts. */
export function exportedFunctions(source: string): ExportedFunction[] {
  const found = new Map<string, ExportedFunction>();
  for (const { index, groups = {} } of source.matchAll(
    /^export (?:async )?(?<kind>function\*?|const) (?<name>\w+)/gm,
  )) {
    const { kind, name = '' } = groups;
    if (found.has(name) || (kind === 'const' && !isArrowFunction(statementAt(source, index)))) continue;
    found.set(name, { name, comment: commentBefore(source, index) });
  }
  return [...found.values()];
}

export function reExports(source: string): ReExport[] {
  const statements = source.matchAll(/^export (?<what>\*|\{[^}]*\}) from '(?<from>[^']+)';/gm);
  return Array.from(statements, ({ groups = {} }) => ({
    from: groups['from'] ?? '',
    names: groups['what'] === '*' ? null : namesIn(groups['what'] ?? ''),
  }));
}

/** Formatted as all sources are: whatever stands in the first column begins another statement, or ends this one. */
function statementAt(source: string, index: number): string {
  return source.slice(index).split(/\n(?=[\w/}\])])/, 1)[0] ?? '';
}

function isArrowFunction(constant: string): boolean {
  return /^export const \w+(?::.*?)? =\s+(?:async )?(?:<.*?>)?(?:\(.*\).*?|\w+ )=>/s.test(constant);
}

function commentBefore(source: string, index: number): string | null {
  const before = source.slice(0, index);
  const start = before.lastIndexOf('/**');
  const body = start < 0 ? null : /^\/\*\*(.*?)\*\/\n$/s.exec(before.slice(start));
  return body?.[1]?.replaceAll(/^[ \t]*\*(?: |$)/gm, '').trim() ?? null;
}

function namesIn(list: string): Map<string, string> {
  const members = list
    .slice(1, -1)
    .split(',')
    .map((member) => member.trim());
  const values = members.filter((member) => member !== '' && !member.startsWith('type '));
  return new Map(
    values.map((member) => {
      const [inner = '', outer = inner] = member.split(' as ');
      return [outer, inner];
    }),
  );
}
