/** A block of code of a page. */
export interface Block {
  /** The nearest heading above it. */
  readonly heading: string;
  readonly language: string;
  /** With its last newline. */
  readonly code: string;
}

/** The fenced blocks of code of a Markdown page, in order. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  let heading = '';
  for (const [, title, language, code] of page.matchAll(/^#+ (.+)$|^```(\w+)\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) {
      heading = title;
    } else if (language !== undefined && code !== undefined) {
      blocks.push({ heading, language, code });
    }
  }
  return blocks;
}
