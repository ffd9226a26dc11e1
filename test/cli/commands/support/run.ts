import { afterEach, beforeEach, type MockInstance, vi } from 'vitest';
import type { Commands } from '../../../../src/cli/commands/command.ts';

/**
 * Runs commands in this process, with what they write caught. Called once in a test file.
 *
 * @returns what runs one, by its two words: what it writes, and its exit code
 */
export function catchingOutput(commands: Commands) {
  let streams: Record<'stdout' | 'stderr', MockInstance>;
  beforeEach(() => {
    streams = {
      stdout: vi.spyOn(process.stdout, 'write').mockReturnValue(true),
      stderr: vi.spyOn(process.stderr, 'write').mockReturnValue(true),
    };
  });
  afterEach(() => vi.restoreAllMocks());

  return async (name: string, ...parameters: string[]) => {
    const code = await commands[name]?.run(parameters);
    const [out, error] = [streams.stdout, streams.stderr].map((stream) =>
      stream.mock.calls.map(([text]) => text).join(''),
    );
    streams.stdout.mockClear();
    streams.stderr.mockClear();
    return { code, out: out ?? '', error: error ?? '' };
  };
}
