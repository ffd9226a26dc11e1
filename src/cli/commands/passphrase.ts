import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { readTextInput } from '../../operations/transfer/index.ts';
import { UsageError } from './command.ts';

const MAX_FILE_BYTES = 8192;

/**
 * Reads a passphrase from a file: its first line, as openssl's `file:` does, without the line's end.
 *
 * @param path `-` for standard input
 * @throws {TransferRefused} where it can't be read
 */
export async function passphraseIn(path: string): Promise<string> {
  return (await readTextInput(path, { maxBytes: MAX_FILE_BYTES })).replace(/\r?\n.*$/s, '');
}

/** Whether somebody is there who can be asked. */
export function isAtTerminal(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks whoever is at the terminal, and shows nothing of what is typed.
 *
 * @throws {UsageError} where nobody wants to say it
 */
export async function askPassphrase(question: string): Promise<string> {
  // It echoes what is typed to its output, as its own line editor.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true, historySize: 0 });
  // Only now: the terminal echoes whatever is typed before it is told not to.
  process.stderr.write(question);
  try {
    return await new Promise<string>((resolve, reject) => {
      const leave = () => reject(new UsageError('no passphrase was given'));
      lines.once('line', resolve).once('SIGINT', leave).once('close', leave);
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
