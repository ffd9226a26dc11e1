import { addressWindows } from './address-windows.ts';

export interface MinuteBudgetOptions {
  /** How many are granted in a minute. */
  readonly limit: number;
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
  /** Told at the end of a minute in which more were asked for, by how many. */
  exceeded(count: number): void;
}

export type MinuteBudget = ReturnType<typeof minuteBudget>;

/** Grants only so many in a minute, whoever asks, and counts the others. */
export function minuteBudget({ limit, now, exceeded }: MinuteBudgetOptions) {
  const minutes = addressWindows({
    lengthMs: 60_000,
    capacity: 1,
    now,
    begin: () => ({ granted: 0, denied: 0 }),
    end(_everybody, { denied }) {
      if (denied > 0) {
        exceeded(denied);
      }
    },
  });

  return {
    /** Whether one more is granted. */
    take(): boolean {
      const minute = minutes.enter('');
      const isGranted = minute.granted < limit;
      minute[isGranted ? 'granted' : 'denied']++;
      return isGranted;
    },
    /** Ends a minute that is over. */
    sweep: minutes.sweep,
    /** Ends the minute, over or not. */
    clear: minutes.clear,
  };
}
