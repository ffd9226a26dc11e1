import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const pages = ['.', 'docs', 'docs/operations'].flatMap((folder) =>
  readdirSync(join(ROOT, folder)).flatMap((name) => (name.endsWith('.md') ? [join(folder, name)] : [])),
);

test.each(pages)('every file that %s links to is there', (page) => {
  const targets = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\(([^)\s#]+)/g)].map(
    ([, target = '']) => target,
  );
  const files = targets.filter((target) => !/^[a-z]+:/.test(target));

  expect(files.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
});
