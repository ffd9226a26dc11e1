import { createHash } from 'node:crypto';

/** Entity tags (RFC 9110 §8.8.3). */

/** What a header asks for: any representation that there is, or one of these. */
export type TagList = '*' | readonly string[];

/** With obs-text; a comma within divides nothing. */
const TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/y;
/** Elements may be empty (RFC 9110 §5.6.1.2). */
const PADDING = /[ \t,]*/y;
const ANY = /^[ \t]*\*[ \t]*$/;

/**
 * The strong entity tag of a representation: the MD5 of its content, as Astra's contract §1 has it. It protects from nobody: whoever
 * may write chooses the content.
 *
 * @param content as it is sent; a text as UTF-8
 * @returns with its quotes
 */
export function entityTagOf(content: string | Uint8Array): string {
  return `"${createHash('md5').update(content).digest('hex')}"`;
}

/**
 * Reads the value of If-Match or If-None-Match.
 *
 * @param value as Node gives it: Latin-1, several headers joined by commas
 * @returns tags as they are written, with their quotes and a weak one's mark; undefined for what is no list of tags
 */
export function parseTagList(value: string): TagList | undefined {
  if (ANY.test(value)) {
    return '*';
  }
  const tags: string[] = [];
  let padding = matchAt(PADDING, value, 0) ?? '';
  let at = padding.length;
  while (at < value.length) {
    const tag = matchAt(TAG, value, at);
    if (tag === undefined || (tags.length > 0 && !padding.includes(','))) {
      return undefined;
    }
    tags.push(tag);
    padding = matchAt(PADDING, value, at + tag.length) ?? '';
    at += tag.length + padding.length;
  }
  return tags.length === 0 ? undefined : tags;
}

/** Strong comparison (RFC 9110 §8.8.3.2): both are strong, and equal. */
export function includesStrongly(list: TagList, tag: string): boolean {
  return list === '*' || (!isWeak(tag) && list.includes(tag));
}

/** Weak comparison (RFC 9110 §8.8.3.2): equal, whether they are weak or not. */
export function includesWeakly(list: TagList, tag: string): boolean {
  return list === '*' || list.some((one) => opaquePartOf(one) === opaquePartOf(tag));
}

function isWeak(tag: string): boolean {
  return tag.startsWith('W/');
}

function opaquePartOf(tag: string): string {
  return isWeak(tag) ? tag.slice(2) : tag;
}

function matchAt(sticky: RegExp, text: string, at: number): string | undefined {
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0];
}
