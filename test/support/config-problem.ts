import { expect } from 'vitest';
import { ConfigError, readConfig } from '../../src/config.ts';

/** What a configuration is refused for. */
export function configProblem(environment: Record<string, string>): string {
  try {
    readConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).code).toBe('CONFIG_INVALID');
    expect((error as ConfigError).cause).toBeUndefined();
    return (error as Error).message;
  }
  throw new Error('the configuration was accepted');
}
