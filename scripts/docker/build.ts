import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { outerEnvironment } from '../support/outer-environment.ts';
import { isInContext } from './context.ts';
import { copyOperands, type Instruction, pairsOf, parseDockerfile, type Stage } from './dockerfile.ts';

export interface BuildOptions {
  readonly dockerfile: string;
  readonly dockerignore: string;
  /** Where COPY takes its sources from. */
  readonly context: string;
  /** Empty; each stage gets a directory in it that stands for the stage's file system. */
  readonly directory: string;
  /** Is told of each step that was run, and how long it took. */
  report(step: string, milliseconds: number): void;
}

/** A stage while it is built. */
interface Building {
  /** The directory that stands for its file system. */
  readonly root: string;
  workdir: string;
  readonly environment: Record<string, string>;
}

/**
 * Runs the steps of a Dockerfile without Docker. A RUN is a shell on this machine, in the directory that stands for its WORKDIR: it
 * must name nothing by an absolute path, and the programs of this machine stand for those of the base image.
 *
 * @returns the directory that stands for the image's file system
 * @throws {Error} where a step fails, or only Docker could run it
 */
export async function build(options: BuildOptions): Promise<string> {
  const roots = new Map<string, string>();
  let root = '';
  for (const [number, stage] of parseDockerfile(options.dockerfile).entries()) {
    root = join(options.directory, stage.name || String(number));
    await mkdir(root);
    await buildStage(stage, root, roots, options);
    roots.set(stage.name, root);
  }
  return root;
}

async function buildStage(stage: Stage, root: string, roots: ReadonlyMap<string, string>, options: BuildOptions) {
  const building: Building = { root, workdir: '/', environment: {} };
  for (const instruction of stage.instructions) {
    const began = performance.now();
    if (await step(building, instruction, roots, options)) {
      const flags = Object.entries(instruction.flags).map(([name, value]) => ` --${name}=${value}`);
      const name = `${stage.name || 'image'}: ${instruction.keyword}${flags.join('')} ${instruction.text}`;
      options.report(name, performance.now() - began);
    }
  }
}

/** @returns whether the instruction was a step: it changed the file system */
async function step(
  building: Building,
  instruction: Instruction,
  roots: ReadonlyMap<string, string>,
  options: BuildOptions,
): Promise<boolean> {
  switch (instruction.keyword) {
    case 'WORKDIR':
      building.workdir = resolve(building.workdir, instruction.text);
      await mkdir(join(building.root, building.workdir), { recursive: true });
      return false;
    case 'ENV':
      Object.assign(building.environment, pairsOf(instruction.text));
      return false;
    case 'COPY':
      await copy(building, instruction, roots, options);
      return true;
    case 'RUN':
      await runShell(building, instruction.text);
      return true;
    default:
      return false;
  }
}

async function copy(
  { root, workdir }: Building,
  instruction: Instruction,
  roots: ReadonlyMap<string, string>,
  { context, dockerignore }: BuildOptions,
): Promise<void> {
  const { from, ...unknown } = instruction.flags;
  if (Object.keys(unknown).length > 0) {
    throw new Error(`only Docker understands a COPY with --${Object.keys(unknown)}`);
  }
  const origin = from === undefined ? context : roots.get(from);
  if (origin === undefined) {
    throw new Error(`there is no stage ${from}`);
  }
  const isSent = (path: string) => from !== undefined || isInContext(relative(origin, path), dockerignore);
  const { sources, destination } = copyOperands(instruction);
  if (sources.length > 1 && !destination.endsWith('/')) {
    throw new Error(`several files need a directory to go to: COPY ${instruction.text}`);
  }
  for (const source of sources.map((name) => join(origin, name))) {
    if (!isSent(source)) {
      throw new Error(`.dockerignore keeps back what is copied: COPY ${instruction.text}`);
    }
    // A directory is copied as what it holds.
    const goesInside = destination.endsWith('/') && (await stat(source)).isFile();
    const target = join(root, resolve(workdir, destination), goesInside ? basename(source) : '');
    await cp(source, target, { recursive: true, verbatimSymlinks: true, filter: isSent });
  }
}

async function runShell({ root, workdir, environment }: Building, command: string): Promise<void> {
  const child = spawn('/bin/sh', ['-c', command], {
    cwd: join(root, workdir),
    env: { ...outerEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [status] = await once(child, 'close');
  if (status !== 0) {
    throw new Error(`RUN ${command} ended with ${status}:\n${output}`);
  }
}
