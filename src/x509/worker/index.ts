import { type TaskWorker, taskWorker } from './task-worker.ts';
import type { X509Tasks } from './tasks.ts';

export { type WorkerFailure, WorkerUnavailable } from './errors.ts';

/** Runs those functions of this folder whose cost an attacker chooses; see `TaskWorker`. */
export type X509Worker = TaskWorker<X509Tasks>;

/** As this file is, so is the one beside it: .ts in the sources, .js once compiled. The compiler doesn't rewrite URLs. */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './entry.ts' : './entry.js', import.meta.url);

/**
 * Prepares a worker for the tasks of attacker-chosen cost, within LIMITS.WORK_MS and LIMITS.WORK_MEGABYTES each. A thread is started with
 * the first task, kept while it is used, and keeps no process from ending while it has nothing to do.
 * @returns a worker that should be closed before the process ends.
 * @example
 * const worker = openX509Worker();
 * const { certificates } = await worker.run('describeChain', chainPem);
 * certificates.length; // → 2
 * await worker.close();
 */
export function openX509Worker(): X509Worker {
  return taskWorker<X509Tasks>({ file: ENTRY });
}
