import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface Directory {
  readonly path: string;
  at(file: string): string;
  /** Writes files, each at once, as certbot and Kubernetes do: by another name, then renamed. */
  write(files: Readonly<Record<string, string | Uint8Array>>): void;
}

/** A directory that is gone after the test. */
export function aDirectory(): Directory {
  const directory = makeDirectory();
  onTestFinished(() => rmSync(directory.path, { recursive: true, force: true }));
  return directory;
}

/** A directory that its caller removes. */
export function makeDirectory(): Directory {
  const path = mkdtempSync(join(tmpdir(), 'certkeep-discovery-'));
  const at = (file: string) => join(path, file);
  return {
    path,
    at,
    write(files) {
      for (const [file, content] of Object.entries(files)) {
        mkdirSync(dirname(at(file)), { recursive: true });
        const unfinished = join(dirname(at(file)), `.${Math.random()}`);
        writeFileSync(unfinished, content);
        renameSync(unfinished, at(file));
      }
    },
  };
}
