import { blocksOf } from './support/page.ts';

const HEAD = `#!/usr/bin/env bash
# The commands of first-day.md, which says why; made of it by "npm run docs".
set -euo pipefail
cd "$(dirname "$0")/../.."
trap 'kill $(jobs -p) 2> /dev/null || true' EXIT
`;

/**
 * The commands of a page as one script: its blocks in the language `sh`, in order, each below its heading.
 *
 * @param page in Markdown
 */
export function firstDayScript(page: string): string {
  const commands = blocksOf(page).filter(({ language }) => language === 'sh');
  return [HEAD, ...commands.map(({ heading, code }) => `# ${heading}\n${code}`)].join('\n');
}
