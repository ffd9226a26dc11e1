import { stat } from 'node:fs/promises';
import { type FSWatcher, watch } from 'chokidar';

export interface DirectoryWatch {
  /** Watches whatever stands at the path now: another directory may have taken its place, or none may be there. */
  follow(): Promise<void>;
  close(): Promise<void>;
}

export interface DirectoryWatchOptions {
  /** Told of each change, and once the watch began: what changed before was not seen. */
  onChange(): void;
  /** Told where changes can't be seen. */
  onFailure(error: unknown): void;
}

/** Watches a directory's tree, links followed. Does not keep the process alive. */
export function directoryWatch(directory: string, { onChange, onFailure }: DirectoryWatchOptions): DirectoryWatch {
  let watcher: FSWatcher | undefined;
  let watched: string | undefined;

  function open(): FSWatcher {
    return watch(directory, { ignoreInitial: true, persistent: false, ignorePermissionErrors: true })
      .on('all', onChange)
      .on('ready', onChange)
      .on('error', onFailure);
  }

  return {
    async follow() {
      const standing = await stat(directory).then(
        (stats) => (stats.isDirectory() ? `${stats.dev}:${stats.ino}` : undefined),
        () => undefined,
      );
      if (standing === watched) {
        return;
      }
      watched = standing;
      await watcher?.close();
      watcher = standing === undefined ? undefined : open();
      onChange();
    },
    async close() {
      await watcher?.close();
    },
  };
}
