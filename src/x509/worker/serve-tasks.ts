import { parentPort } from 'node:worker_threads';
import { describeError } from './described-error.ts';
import { type Order, pack, READY, unpack, wipe } from './messages.ts';

/** What a thread can be asked for: nothing but these functions, by name. They may give a promise. */
export type TaskTable = Readonly<Record<string, (input: never) => unknown>>;

/** Answers orders from this table. Called once, by the file that a thread begins with, after everything is loaded. */
export function serveTasks(tasks: TaskTable): void {
  if (parentPort === null) {
    throw new Error('tasks are served in a worker thread only');
  }
  const port = parentPort;
  port.on('message', async ({ task, input }: Order) => {
    const own = unpack(input);
    try {
      const { content, transfer } = pack(await perform(tasks, task, own));
      port.postMessage({ output: content }, transfer);
    } catch (error) {
      port.postMessage({ error: describeError(error) });
    } finally {
      wipe(own);
    }
  });
  port.postMessage(READY);
}

function perform(tasks: TaskTable, name: string, input: unknown): unknown {
  const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  if (task === undefined) {
    throw new TypeError('there is no such task');
  }
  return task(input as never);
}
