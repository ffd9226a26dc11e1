/** Prints what a fault test saw, on a line of its own that stands out from Vitest's. */
export function printFigures(figures: string): void {
  process.stdout.write(`[fault] ${figures}\n`);
}

/** A number of milliseconds for {@link printFigures}. */
export function inMs(duration: number): string {
  return `${Math.round(duration)} ms`;
}
