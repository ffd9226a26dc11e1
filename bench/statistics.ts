/** @throws {Error} of no numbers: a median of nothing would be taken for a figure */
export function median(numbers: readonly number[]): number {
  const sorted = sort(numbers);
  const middle = sorted.length / 2;
  return (at(sorted, Math.ceil(middle) - 1) + at(sorted, Math.floor(middle))) / 2;
}

/**
 * The smallest of the numbers that so large a share of them does not exceed.
 *
 * @param share above 0, up to 1: 0.99 for the 99th percentile
 * @throws {Error} of no numbers
 */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = sort(numbers);
  return at(sorted, Math.ceil(sorted.length * share) - 1);
}

function sort(numbers: readonly number[]): Float64Array {
  return Float64Array.from(numbers).sort();
}

function at(sorted: Float64Array, index: number): number {
  const number = sorted[index];
  if (number === undefined) {
    throw new Error('nothing was measured');
  }
  return number;
}
