import { generateToken } from '../../src/access/index.ts';
import { generateKek } from '../../src/sealing/index.ts';
import type { TestDatabase } from './database.ts';
import { registerSecret } from './leaks/secrets.ts';
import { type RunningProcess, run } from './process.ts';
import { until } from './until.ts';

/** What all replicas of a database are given alike. */
export interface Cluster {
  readonly database: TestDatabase;
  /** One, or several separated by white space. */
  readonly kek: string;
  readonly token: string;
  /** More variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A whole server in a process of its own, on a database that others use too. */
export interface Replica {
  /** By which the database knows its connections (`application_name`). */
  readonly name: string;
  readonly url: string;
  /** Has every right. */
  readonly token: string;
  readonly process: RunningProcess;
  /** Ends it as a machine that loses its power does. */
  kill(): Promise<void>;
  /** Ends it as an operator does, and gives its exit code. */
  stop(): Promise<number | null>;
}

/** What replicas of a database share, with a KEK and a token of their own. */
export function cluster(database: TestDatabase, environment: Readonly<Record<string, string>> = {}): Cluster {
  const [kek, token] = [generateKek(), generateToken()];
  registerSecret('kek', kek);
  registerSecret('token', token);
  return { database, kek, token, environment };
}

/** The environment of a process on the cluster's database, under a name of its own. */
export function environmentOf({ database, kek, token, environment }: Cluster, name: string): Record<string, string> {
  const url = new URL(database.url);
  url.searchParams.set('application_name', name);
  return {
    DATABASE_URL: url.toString(),
    CERTKEEP_KEK: kek,
    CERTKEEP_BOOTSTRAP_TOKEN: token,
    CERTKEEP_PORT: '0',
    CERTKEEP_DRAIN_MS: '0',
    // The run's PostgreSQL takes fifty, of all files that run at once.
    CERTKEEP_DATABASE_POOL_SIZE: '3',
    // Longer than a test holds what others wait for.
    CERTKEEP_DATABASE_TIMEOUT_MS: '60000',
    ...environment,
  };
}

/**
 * Starts a server and waits until it listens; its caller ends it.
 *
 * @param tree of another version, that was compiled
 * @throws {Error} with what it wrote, where it ends instead
 */
export async function startReplica(shared: Cluster, name: string, tree?: string): Promise<Replica> {
  const server = run('src/main.ts', [], environmentOf(shared, name), tree);
  const { child, ended } = server;
  // With what follows it: what was read so far may end within the port.
  const urlIn = () => /listening at (http:\/\/[\w.:]+)[^\w.:]/.exec(server.output())?.[1];
  await until(() => hasEnded(server) || urlIn() !== undefined, 60_000).catch(() => {});
  const url = urlIn();
  if (url === undefined) {
    child.kill('SIGKILL');
    throw new Error(`${name} ended with ${child.exitCode} before it was ready:\n${server.output()}`);
  }
  return {
    name,
    url,
    token: shared.token,
    process: server,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      child.kill('SIGTERM');
      return await ended;
    },
  };
}

/**
 * Starts `replica-1` and so on.
 *
 * @throws {Error} where one does not start; then the others are ended
 */
export async function startReplicas(shared: Cluster, count: number): Promise<Replica[]> {
  const names = Array.from({ length: count }, (_, index) => `replica-${index + 1}`);
  const results = await Promise.allSettled(names.map((name) => startReplica(shared, name)));
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await stopReplicas(started);
    throw failed.reason;
  }
  return started;
}

/** Ends those that still run. */
export async function stopReplicas(replicas: readonly Replica[]): Promise<void> {
  await Promise.all(replicas.filter((replica) => !hasEnded(replica.process)).map((replica) => replica.stop()));
}

function hasEnded({ child }: RunningProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

export interface LoadOptions {
  readonly clients: number;
  /** Acts of all clients together, after which they end by themselves. */
  readonly most: number;
  /** Milliseconds after which they end by themselves. */
  readonly forMs: number;
}

export interface Load {
  /** How often it was acted so far. */
  readonly acts: number;
  /** Lets each client end what it does. */
  stop(): Promise<void>;
}

/**
 * Has clients act again and again, until they are stopped or have done enough.
 *
 * @param act is given a number that nobody else is given; what it throws is thrown by `stop`
 */
export function startLoad(act: (nth: number) => Promise<void>, { clients, most, forMs }: LoadOptions): Load {
  const end = performance.now() + forMs;
  let acts = 0;
  let isStopped = false;
  const client = async () => {
    while (!isStopped && acts < most && performance.now() < end) {
      await act(acts++);
    }
  };
  const running = Promise.all(Array.from({ length: clients }, client));
  running.catch(() => {
    isStopped = true;
  });
  return {
    get acts() {
      return acts;
    },
    async stop() {
      isStopped = true;
      await running;
    },
  };
}
