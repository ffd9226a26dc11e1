/**
 * A stream of random numbers that depends on its seed alone (the generator sfc32), so that a run can be had again. Never for secrets.
 */
export class Random {
  readonly #state: Uint32Array;

  /** @param seed a whole number; only its lower 32 bits count */
  constructor(seed: number) {
    this.#state = Uint32Array.of(seed, 0x9e3779b9, 0x243f6a88, 1);
    // The first numbers still resemble those of the next seed.
    for (let count = 0; count < 16; count++) this.#next();
  }

  /** A whole number from 0 to `bound` − 1; 0 where there is none. */
  below(bound: number): number {
    return bound < 1 ? 0 : Math.floor((this.#next() / 2 ** 32) * bound);
  }

  chance(probability: number): boolean {
    return this.#next() < probability * 2 ** 32;
  }

  /** @throws {Error} of an empty list */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** As often as its weight says, compared with the others'. */
  pickWeighted<T extends { readonly weight: number }>(items: readonly T[]): T {
    let left = this.below(items.reduce((sum, { weight }) => sum + weight, 0));
    const found = items.find(({ weight }) => {
      left -= weight;
      return left < 0;
    });
    return found ?? this.pick(items);
  }

  octets(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  #next(): number {
    const [a = 0, b = 0, c = 0, counter = 0] = this.#state;
    const result = (a + b + counter) >>> 0;
    this.#state[0] = b ^ (b >>> 9);
    this.#state[1] = c + (c << 3);
    this.#state[2] = ((c << 21) | (c >>> 11)) + result;
    this.#state[3] = counter + 1;
    return result;
  }
}
