import { type DestinationStream, type Level, type Logger, pino } from 'pino';
import { maskSecrets, REDACTED } from '../http/index.ts';
import { redactedPaths, redactor } from './log-redaction.ts';

export interface RedactingLoggerOptions {
  readonly level: Level | 'silent';
  /** The names of fields that hold secrets in the APIs. */
  readonly secretNames: readonly string[];
}

/**
 * A logger whose lines hold no secrets: neither in fields that are named for them, nor in errors, nor, as a last resort, anything that
 * looks like a private key or a token.
 *
 * @param destination standard output unless it is given
 */
export function redactingLogger(
  { level, secretNames }: RedactingLoggerOptions,
  destination: DestinationStream = pino.destination(1),
): Logger {
  const redact = redactor(secretNames);
  return pino(
    {
      level,
      formatters: { log: redact },
      redact: { paths: redactedPaths(secretNames), censor: REDACTED },
      // What pino itself would do with an error is more than `redact` leaves of it.
      serializers: { err: (described: unknown) => described },
      hooks: { streamWrite: maskSecrets },
    },
    destination,
  );
}
