import { type Config, readConfig } from '../../../src/config.ts';

type Exposure = Config['exposure'];

/** How a server meets the network unless it is told otherwise, but for what is given. */
export function exposure(given: {
  readonly trustedProxies?: readonly string[];
  readonly corsOrigins?: readonly string[];
  readonly rateLimits?: Partial<Exposure['rateLimits']>;
}): Exposure {
  const standard = readConfig({}).exposure;
  return { ...standard, ...given, rateLimits: { ...standard.rateLimits, ...given.rateLimits } };
}
