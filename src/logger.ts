import type { DestinationStream, Logger } from 'pino';
import type { Config } from './config.ts';
import { authentikSecretNames } from './dialects/authentik/index.ts';
import { strataSecretNames } from './dialects/strata/index.ts';
import { redactingLogger } from './operations/index.ts';

/**
 * The logger of the server and of the commands, the only one that there is.
 *
 * @param destination standard output unless it is given
 */
export function createLogger(level: Config['logLevel'], destination?: DestinationStream): Logger {
  return redactingLogger({ level, secretNames: [...authentikSecretNames, ...strataSecretNames] }, destination);
}
