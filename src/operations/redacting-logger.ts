import { type DestinationStream, type Level, type LogFn, type Logger, pino } from 'pino';
import { maskSecrets, REDACTED } from '../http/index.ts';
import { messageOf } from './log-errors.ts';
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
      hooks: {
        logMethod(args, method) {
          method.apply(this, withShownMessage(args));
        },
        streamWrite: maskSecrets,
      },
    },
    destination,
  );
}

/** Where a line has no words of its own, pino takes its error's, and so does Fastify: only what the error's own field shows of them. */
function withShownMessage(args: Parameters<LogFn>): Parameters<LogFn> {
  const [first, words]: readonly unknown[] = args;
  const error = typeof first === 'object' && first !== null && 'err' in first ? first.err : first;
  return error instanceof Error && (words === undefined || words === error.message)
    ? ([first, messageOf(error)] as unknown as Parameters<LogFn>)
    : args;
}
