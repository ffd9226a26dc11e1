import type { Log } from './log.ts';

const KEPT_LINES = 40;
const KEPT_LENGTH = 500;

/** Begins each line that PostgreSQL logs: the process, and what it does. */
export const LOG_LINE_PREFIX = '[%p] %b: ';

const LOGGED_LINE = /^\[\d+\] (?<writer>.*?): (?<severity>[A-Z]+):\s+(?<text>.*)$/;

/** What PostgreSQL wrote. */
export interface ServerLog {
  add(line: string): void;
  /** The last lines, shortened. */
  tail(): readonly string[];
  /** Forgets all. */
  clear(): void;
}

/**
 * Keeps the last lines that PostgreSQL wrote, and hands its warnings and worse to our log.
 *
 * @param log none: the lines are only kept
 */
export function createServerLog(log?: Log): ServerLog {
  const lines: string[] = [];
  return {
    add(line) {
      lines.push(line.slice(0, KEPT_LENGTH));
      lines.splice(0, lines.length - KEPT_LINES);
      if (log !== undefined) {
        forward(line, log);
      }
    },
    tail: () => [...lines],
    clear: () => void lines.splice(0),
  };
}

/** Errors of a client's connection or statement are told to that client, which knows whether they matter; here they are noise. */
function forward(line: string, log: Log): void {
  const { writer = '', severity = '', text = '' } = LOGGED_LINE.exec(line)?.groups ?? {};
  const isForItsClient = writer === 'client backend';
  if (severity === 'PANIC' || (!isForItsClient && (severity === 'ERROR' || severity === 'FATAL'))) {
    log.error({ postgres: { writer, severity } }, `PostgreSQL: ${text}`);
  } else if (severity === 'WARNING' || (severity === 'LOG' && text.includes('was terminated by'))) {
    log.warn({ postgres: { writer, severity } }, `PostgreSQL: ${text}`);
  }
}
