import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLANTED } from './planted-imports.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The ways to write an import; each must be seen. */
const FORMS: readonly ((specifier: string) => string)[] = [
  (specifier) => `import { planted } from '${specifier}';`,
  (specifier) => `import type { Planted } from '${specifier}';`,
  (specifier) => `import '${specifier}';`,
  (specifier) => `export * from '${specifier}';`,
  (specifier) => `await import('${specifier}');`,
];

const lines = Object.entries(PLANTED).flatMap(([file, { allowed, refused }]) => {
  const specifiers = [
    ...allowed.map((name) => [name, true] as const),
    ...refused.map((name) => [name, false] as const),
  ];
  return specifiers.flatMap(([specifier, isAllowed], index) =>
    FORMS.map((form, at) => ({ file, line: index * FORMS.length + at + 1, text: form(specifier), isAllowed })),
  );
});

describe("the linter, with this project's rules", () => {
  let directory: string;
  let refused: Set<string>;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'certkeep-test-'));
    copyFileSync(join(ROOT, 'biome.json'), join(directory, 'biome.json'));
    for (const file of Object.keys(PLANTED)) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      const planted = lines.flatMap((line) => (line.file === file ? [line.text] : []));
      writeFileSync(join(directory, file), planted.join('\n'));
    }
    const biome = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
    const options = '--vcs-enabled=false --only=style/noRestrictedImports --reporter=json --max-diagnostics=none'.split(
      ' ',
    );
    const run = spawnSync(process.execPath, [biome, 'lint', ...options, 'src'], { cwd: directory, encoding: 'utf8' });
    const { diagnostics } = JSON.parse(run.stdout) as {
      diagnostics: { category: string; severity: string; location: { path: string; start: { line: number } } }[];
    };
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    expect(new Set(errors.map(({ category }) => category))).toEqual(new Set(['lint/style/noRestrictedImports']));
    refused = new Set(errors.map(({ location }) => `${location.path.replaceAll('\\', '/')}:${location.start.line}`));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(Object.keys(PLANTED))('refuses %s every import that leads outward, however it is written', (file) => {
    const outward = lines.filter((line) => line.file === file && !line.isAllowed);
    expect(outward.filter(({ line }) => !refused.has(`${file}:${line}`))).toEqual([]);
  });

  it.each(Object.keys(PLANTED))('refuses %s nothing that it may import', (file) => {
    const inward = lines.filter((line) => line.file === file && line.isAllowed);
    expect(inward.filter(({ line }) => refused.has(`${file}:${line}`))).toEqual([]);
  });
});

/** The process's outer shell: it puts the parts together, and nothing may import it. */
const SHELL = ['cli'];

describe('the rules', () => {
  const { overrides } = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8')) as {
    overrides: { includes: string[]; linter?: { rules?: { style?: { noRestrictedImports?: { level?: string } } } } }[];
  };
  const ruled = overrides.flatMap(({ includes, linter }) =>
    linter?.rules?.style?.noRestrictedImports?.level === 'error' ? includes : [],
  );
  const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );

  it.each(folders.filter((folder) => !SHELL.includes(folder)))('hold for src/%s', (folder) => {
    expect(ruled).toContain(`src/${folder}/**`);
    expect(Object.keys(PLANTED).some((file) => file.startsWith(`src/${folder}/`))).toBe(true);
  });
});

// A second look at the same arrows, at the paths that imports lead to: the linter matches only how they are written.
describe('every import of src/', () => {
  const ARROWS: Record<string, readonly string[]> = {
    'config.ts': ['environment.ts'],
    'environment.ts': [],
    'version.ts': [],
    x509: [],
    database: [],
    audit: ['database'],
    sealing: ['database'],
    access: ['database', 'audit'],
    keypairs: ['x509', 'sealing', 'audit', 'database'],
    dialects: ['keypairs', 'x509', 'access', 'audit', 'http'],
    http: ['access', 'audit'],
    operations: [
      'keypairs',
      'x509',
      'access',
      'audit',
      'sealing',
      'database',
      'http',
      'x509',
      'config.ts',
      'environment.ts',
      'version.ts',
    ],
  };
  const imports = importsOfSource();
  const partOf = (path: string) => /^(?:dialects\/[^/]+|[^/]+)/.exec(path)?.[0] ?? path;
  const crossing = imports.filter(({ from, to }) => to !== undefined && partOf(from) !== partOf(to));

  it('is found by this test', () => {
    expect(imports.length).toBeGreaterThan(200);
    expect(crossing.map(({ from, to }) => `${from} ${to}`)).toContain('keypairs/draft.ts x509/index.ts');
  });

  it('leads inward', () => {
    const wrong = crossing.filter(({ from, to = '' }) => {
      const allowed = ARROWS[partOf(from).replace(/\/.*/, '')];
      return allowed !== undefined && !allowed.includes(partOf(to));
    });
    expect(wrong).toEqual([]);
    expect(crossing.filter(({ to = '' }) => [...SHELL, 'main.ts'].includes(partOf(to)))).toEqual([]);
  });

  it('enters another folder by its index.ts', () => {
    expect(crossing.filter(({ to = '' }) => to.includes('/') && posix.basename(to) !== 'index.ts')).toEqual([]);
  });

  it('stays in src/', () => {
    expect(imports.filter(({ specifier, to }) => /^(?:\/|file:)/.test(specifier) || to?.startsWith('..'))).toEqual([]);
  });

  it('of the database for more than its errors, and for work that bears them, is in a repository, or where the store is opened', () => {
    const harmless =
      /^(?:type .*|StoreUnavailable|isUnavailable|MigrationError|migrationNames|EmbeddedPostgresError|repeatWork)$/;
    const uses = crossing.filter(
      ({ to, names }) => to === 'database/index.ts' && !names.every((it) => harmless.test(it)),
    );
    expect(uses.length).toBeGreaterThan(0);
    expect(
      uses.filter(
        ({ from }) => !/repository[^/]*\.ts$|^operations\/(store|assemble|backup\/restore-target)\.ts$/.test(from),
      ),
    ).toEqual([]);
  });

  it.each(['pg', '@prisma'])('of %s is in database/', (name) => {
    const users = imports.filter(({ specifier }) => `${specifier}/`.startsWith(`${name}/`));
    expect(users.length).toBeGreaterThan(0);
    expect(users.filter(({ from }) => partOf(from) !== 'database')).toEqual([]);
  });
});

interface Import {
  /** Relative to src/. */
  readonly from: string;
  readonly specifier: string;
  /** Where it leads, relative to src/; undefined for a package. */
  readonly to: string | undefined;
  readonly names: readonly string[];
}

function importsOfSource(): Import[] {
  const source = join(ROOT, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.flatMap((file) => {
    const from = file.replaceAll('\\', '/');
    const text = readFileSync(join(source, file), 'utf8');
    const found = text.matchAll(
      /(?:^|[\s;}])(?:(?:import|export)\s+(type\s+)?([^'";()]*?)\s*from\s*|import\s*\(?\s*|require\s*\(\s*)['"]([^'"]+)['"]/g,
    );
    return [...found].map(([, type = '', clause = '', specifier = '']) => ({
      from,
      specifier,
      to: specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(from), specifier)) : undefined,
      names: clause
        .replaceAll(/[{}\n]/g, ' ')
        .split(',')
        .map((name) => type + name.trim())
        .filter((name) => name !== type),
    }));
  });
}
