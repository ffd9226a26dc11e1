import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ImageConfig } from './dockerfile.ts';

export interface ContainerOptions {
  /** The directory that stands for the image's file system. */
  readonly image: string;
  readonly config: ImageConfig;
  /** Beside what the image sets. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Ended {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  /** Standard output and error together. */
  readonly output: string;
}

export interface Container {
  readonly ended: Promise<Ended>;
  /** Ends it as Docker does. */
  stop(): void;
  /** Ends it at once; does nothing where it has ended. */
  kill(): void;
}

/**
 * Starts a command of an image: in its directory, with its environment and nothing of ours but the way to programs, and as its user
 * where we are root and may.
 */
export function startContainer(
  { image, config, environment }: ContainerOptions,
  [program = '', ...arguments_]: readonly string[],
): Container {
  const [uid, gid] = config.user.split(':').map(Number);
  const child = spawn(program, arguments_, {
    cwd: join(image, config.workdir),
    env: { PATH: process.env['PATH'], ...config.environment, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(process.getuid?.() === 0 && uid !== undefined && gid !== undefined ? { uid, gid } : {}),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return {
    ended: once(child, 'close').then(([exitCode]) => ({ exitCode: exitCode as number | null, output })),
    stop() {
      child.kill(config.stopSignal as NodeJS.Signals);
    },
    kill() {
      child.kill('SIGKILL');
    },
  };
}

/** Runs a command of an image until it ends. */
export function runInContainer(options: ContainerOptions, command: readonly string[]): Promise<Ended> {
  return startContainer(options, command).ended;
}
