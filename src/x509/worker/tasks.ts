import { describeChain } from '../chain.ts';
import type { TaskTable } from './serve-tasks.ts';

/** All that a thread does. What is not in here can't be asked for. */
export const TASKS = {
  describeChain,
} satisfies TaskTable;

export type X509Tasks = typeof TASKS;
