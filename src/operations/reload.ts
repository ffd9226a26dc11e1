import type { Config } from '../config.ts';
import { ConfigError } from '../config.ts';
import type { Log } from './assemble.ts';

export interface ReloadOptions {
  /** The logger whose level it is; loggers made of it from then on have the same. */
  readonly logger: Log & { level: string; isLevelEnabled(level: string): boolean };
  /** @throws {ConfigError} */
  readLogLevel(): Config['logLevel'];
}

/** Reads the log level again. Where it can't be used, the one before stays, and the log says why. */
export function reloadLogLevel({ logger, readLogLevel }: ReloadOptions): void {
  try {
    const before = logger.level;
    const level = readLogLevel();
    const tell = () => logger.info({ level, before }, 'the log level was read again');
    // At whichever of the two levels shows it.
    if (logger.isLevelEnabled('info')) {
      tell();
      logger.level = level;
    } else {
      logger.level = level;
      tell();
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      throw error;
    }
    logger.error({ reason: error.message }, 'the log level could not be read again and stays as it is');
  }
}
