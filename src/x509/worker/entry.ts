import { serveTasks } from './serve-tasks.ts';
import { TASKS } from './tasks.ts';

// What a thread begins with; nobody imports this.
serveTasks(TASKS);
