const EVERY_MS = 1000;

/** What a long command tells on standard error: a line a second at the most, and whatever else it has to say. */
export function progressLine(what: string) {
  const begin = performance.now();
  let toldAt = Number.NEGATIVE_INFINITY;
  let last: readonly [number, number] | undefined;
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  const tell = (done: number, total: number) => {
    const seconds = Math.max((performance.now() - begin) / 1000, 0.001);
    say(`${done} of ${total} ${what}, ${Math.round(done / seconds)} a second`);
    last = undefined;
  };
  return {
    say,
    report(done: number, total: number): void {
      last = [done, total];
      if (performance.now() - toldAt >= EVERY_MS) {
        toldAt = performance.now();
        tell(done, total);
      }
    },
    /** Tells the last that was reported, unless it was told. */
    end(): void {
      if (last !== undefined) {
        tell(...last);
      }
    },
  };
}
