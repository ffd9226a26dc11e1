import { describe, expect, it } from 'vitest';
import { asksForHelp, findCommand, usageOf } from '../../src/cli/commands/command.ts';
import { run } from '../support/process.ts';

const aCommand = (usage: string) => ({ usage, run: async () => 0 });
const commands = {
  import: aCommand('import DIR'),
  'import again': aCommand('import again'),
  'token create': aCommand('token create --username NAME'),
  'token list': aCommand('token list'),
};

describe('a command', () => {
  it('is found by two words or by one, and gets what stands behind them', () => {
    expect(findCommand(commands, ['token', 'create', 'x'])).toEqual({
      command: commands['token create'],
      parameters: ['x'],
    });
    expect(findCommand(commands, ['import', 'again'])?.command).toBe(commands['import again']);
    expect(findCommand(commands, ['import', 'create'])).toEqual({ command: commands.import, parameters: ['create'] });
    expect(findCommand(commands, ['import'])).toEqual({ command: commands.import, parameters: [] });
    for (const typed of [[], ['token'], ['token', 'drop'], ['constructor'], ['toString', 'import']]) {
      expect(findCommand(commands, typed)).toBeUndefined();
    }
  });

  it('is asked for help by an option, and not by what stands behind the options', () => {
    expect(asksForHelp(['--name', 'x', '--help'])).toBe(true);
    expect(asksForHelp(['--', '--help'])).toBe(false);
    expect(usageOf(commands, 'token')).toBe('  certkeep token create --username NAME\n  certkeep token list\n');
  });
});

it('--help shows how a command is called, and nothing else, whatever else is typed', async () => {
  const words = [
    ['token', 'list', '--nonsense', '--help'],
    ['token', '--help'],
  ];
  const commands = words.map((typed) => run('src/cli/main.ts', typed, {}));
  expect(await Promise.all(commands.map(({ ended }) => ended))).toEqual([0, 0]);
  const [list, token] = commands.map((command) => command.output());
  expect(list).toMatch(/^ {2}certkeep token list \[--all\] \[--json\]\n[^-]+; with --all[^-]*$/);
  expect(token).toMatch(/^ {2}certkeep token create[\s\S]*\n {2}certkeep token revoke/);
  expect(token).not.toContain('kek');
}, 60_000);
