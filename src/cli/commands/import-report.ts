import type { ImportResult } from '../../operations/transfer/index.ts';
import { jsonOf, printable } from './text-output.ts';

export interface ReportOptions {
  readonly json: boolean;
  readonly dryRun: boolean;
}

/** What is told of an import once it has ended. */
export interface ImportReport {
  readonly results: readonly ImportResult[];
  /** Files that are no part of any pair. */
  readonly passedOver: readonly string[];
  readonly isComplete: boolean;
}

const OUTCOMES = ['created', 'updated', 'unchanged', 'refused'] as const;

/** Prints a report; of a refusal on standard error, unless it is for a machine. */
export function printReport({ results, passedOver, isComplete }: ImportReport, { json, dryRun }: ReportOptions): void {
  const counts = Object.fromEntries(
    OUTCOMES.map((outcome) => [outcome, results.filter((result) => result.outcome === outcome).length]),
  );
  if (json) {
    const summary = { dry_run: dryRun, complete: isComplete, ...counts, passed_over: passedOver };
    process.stdout.write(jsonOf({ ...summary, results }));
    return;
  }
  for (const result of results) {
    printResult(result);
  }
  const numbers = [...OUTCOMES.map((outcome) => `${counts[outcome]} ${outcome}`), `${passedOver.length} passed over`];
  process.stdout.write(`${numbers.join(', ')}${dryRun ? '; nothing was written' : ''}\n`);
  if (!isComplete) {
    process.stderr.write('interrupted: what stands above is stored, and the same command goes on with the rest\n');
  }
}

function printResult(result: ImportResult): void {
  const { outcome, path, name = '' } = result;
  if (outcome === 'refused') {
    process.stderr.write(`refused  ${printable(path)}: ${printable(result.reason)}\n`);
  } else if (outcome !== 'unchanged') {
    process.stdout.write(`${outcome}  ${printable(name)}  ${printable(path)}\n`);
  }
}
