import { execFileSync } from 'node:child_process';
import { kill, untilEnded } from '../../support/embedded-tools.ts';

/** A process and what it started, at the moment of asking. */
interface Tree {
  readonly children: readonly number[];
  /** All below it, the children included. */
  readonly descendants: readonly number[];
}

/** Ways to kill a server that leave different things behind; each resolves when what it killed has ended, with how many that were. */
export const KILLS = {
  /** The shell above PostgreSQL (or initdb) sees it and ends that. */
  async alone(server: number): Promise<number> {
    return await killAll([server]);
  },
  /** PostgreSQL (or initdb) goes on, and nobody is left to end it. */
  async 'with the shell above PostgreSQL'(server: number): Promise<number> {
    const { children } = treeOf(server);
    // It must not see the end of the server.
    for (const child of children) {
      process.kill(child, 'SIGSTOP');
    }
    return await killAll([server, ...children]);
  },
  async 'with all that it started'(server: number): Promise<number> {
    return await killAll([server, ...treeOf(server).descendants]);
  },
} as const;

async function killAll(pids: readonly number[]): Promise<number> {
  pids.forEach(kill);
  await untilEnded(pids);
  return pids.length;
}

function treeOf(root: number): Tree {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const childrenOf = new Map<number, number[]>();
  for (const line of table.trim().split('\n')) {
    const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), pid]);
  }
  const below = (pid: number): number[] => (childrenOf.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
  return { children: childrenOf.get(root) ?? [], descendants: below(root) };
}
