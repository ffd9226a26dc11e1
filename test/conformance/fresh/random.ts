/** A source of whole numbers from 0 up to (not including) `below`; the same seed gives the same numbers. */
export type Random = (below: number) => number;

/** Takes a seed of 32 bits and returns its numbers: a linear congruential generator, whose high bits are good enough to draw letters. */
export function seededRandom(seed: number): Random {
  let state = BigInt(seed >>> 0);
  return (below) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn;
    return Number((state >> 33n) % BigInt(below));
  };
}

const ATTEMPTS = 20_000;

/**
 * Draws until a draw is good.
 *
 * @throws Error naming `what`, when no draw was good
 */
export function drawUntil<T>(what: string, draw: () => T, isGood: (drawn: T) => boolean): T {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const drawn = draw();
    if (isGood(drawn)) {
      return drawn;
    }
  }
  throw new Error(`no draw gives ${what}`);
}

/** Whether two lists of texts, taken pairwise, stand in the same byte order and are equal in the same places. */
export function keepsOrder(before: readonly string[], after: readonly string[]): boolean {
  const order = (texts: readonly string[]) => {
    const bytes = texts.map((text) => Buffer.from(text));
    return bytes.flatMap((left) => bytes.map((right) => Buffer.compare(left, right))).join();
  };
  return order(before) === order(after);
}
