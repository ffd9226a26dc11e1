/** Below this share of common characters a text isn't taken for a broken form of another. */
const COMMON_SHARE = 0.8;
const COMMON_AT_LEAST = 24;

/**
 * Does to a fresh block what was done to the recorded one. A broken block is one of the originals with some characters in one place
 * changed, left out or put in, so it begins and ends as its original does.
 *
 * @param originals by the base64 of the recorded block that of the fresh one, equally long
 * @returns undefined when the block is no form of an original
 */
export function breakAlike(broken: string, originals: ReadonlyMap<string, string>): string | undefined {
  let best: { common: number; text: string } = { common: 0, text: '' };
  for (const [recorded, fresh] of originals) {
    const start = commonStart(broken, recorded);
    const end = Math.min(
      commonStart(reversed(broken), reversed(recorded)),
      Math.min(broken.length, recorded.length) - start,
    );
    if (start + end > best.common) {
      const text = fresh.slice(0, start) + broken.slice(start, broken.length - end) + fresh.slice(fresh.length - end);
      best = { common: start + end, text };
    }
  }
  return best.common >= Math.max(COMMON_AT_LEAST, broken.length * COMMON_SHARE) ? best.text : undefined;
}

/** Whether a text holds a stretch of an original that is too long to be chance or a common header. */
export function holdsStretch(text: string, original: string, length: number): boolean {
  for (let at = 0; at + length <= text.length; at += 1) {
    if (original.includes(text.slice(at, at + length))) {
      return true;
    }
  }
  return false;
}

function commonStart(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) {
    length += 1;
  }
  return length;
}

function reversed(text: string): string {
  return [...text].reverse().join('');
}
