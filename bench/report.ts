import type { Compared } from './compare.ts';

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** What a figure should be, as the project promised it. */
export type Bound = { readonly atLeast: number } | { readonly atMost: number };

export interface Goal {
  readonly name: string;
  readonly bound: Bound;
  readonly figure: number;
  readonly unit: string;
  readonly isMet: boolean;
}

/** What was found: printed as it comes, and kept for the end. */
export interface Report {
  /** Loads side by side, as ratios of the first. */
  compared(subject: string, compared: readonly Compared[]): void;
  figures(subject: string, figures: readonly Figure[]): void;
  goal(name: string, figure: number, unit: string, bound: Bound): void;
  /** Prints the goals and whether they were met. */
  printGoals(): void;
  /** Everything, for results.json. */
  toJSON(): object;
}

/** @param write prints a text */
export function report(write: (text: string) => void): Report {
  const subjects: Record<string, readonly Compared[] | readonly Figure[]> = {};
  const goals: Goal[] = [];
  return {
    compared(subject, compared) {
      subjects[subject] = compared;
      write(`\n${subject}\n${compared.map(comparedLine).join('')}`);
    },
    figures(subject, figures) {
      subjects[subject] = figures;
      write(`\n${subject}\n${figures.map(figureLine).join('')}`);
    },
    goal(name, figure, unit, bound) {
      const isMet = 'atLeast' in bound ? figure >= bound.atLeast : figure <= bound.atMost;
      goals.push({ name, bound, figure, unit, isMet });
    },
    printGoals() {
      if (goals.length > 0) {
        write(`\n${'goal'.padEnd(64)}${'wanted'.padStart(12)}${'found'.padStart(12)}\n${goals.map(goalLine).join('')}`);
      }
    },
    toJSON: () => ({ goals, subjects }),
  };
}

function comparedLine({ name, throughput, p50, p99, ratio, ratios }: Compared): string {
  const spread = `(${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`;
  const load = `${throughput.toFixed(0).padStart(7)} /s   p50 ${short(p50).padStart(6)} ms   p99 ${short(p99).padStart(6)} ms`;
  return `  ${name.padEnd(24)}${load}   ratio ${ratio.toFixed(2)} ${spread}\n`;
}

function figureLine({ name, value, unit }: Figure): string {
  return `  ${name.padEnd(62)}${short(value).padStart(12)} ${unit}\n`;
}

function goalLine({ name, bound, figure, unit, isMet }: Goal): string {
  const wanted = 'atLeast' in bound ? `≥ ${bound.atLeast}` : `≤ ${bound.atMost}`;
  const found = `${short(figure).padStart(12)} ${unit.padEnd(3)}`;
  return `${name.padEnd(64)}${wanted.padStart(12)}${found} ${isMet ? 'met' : 'MISSED'}\n`;
}

/** Three digits or more, so that what misses a goal by little does not look as if it met it. */
function short(value: number): string {
  const decimals = Math.abs(value) < 10 ? 3 : Math.abs(value) < 100 ? 1 : 0;
  return Number.isInteger(value) ? String(value) : value.toFixed(decimals);
}
