import { until } from '../../support/until.ts';
import { type Answer, send, type Target } from './client.ts';
import { type Content, type Entry, knownContent, type Ledger } from './ledger.ts';
import type { Material } from './material.ts';

export interface WritersOptions {
  readonly target: Target;
  readonly ledger: Ledger;
  readonly material: Material;
  /** Clients that write at the same time, each one request after the other. */
  readonly clients: number;
  /** Sets the names of these writers apart from those of others on the same ledger. */
  readonly prefix: string;
}

export interface Writers {
  readonly acknowledged: number;
  /** Writes that were sent and not yet answered. */
  readonly inFlight: number;
  /** Writes whose connection broke before their answer. */
  readonly broken: number;
  /** How many answers of each status came, reads included. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Ends the clients after their present request. */
  stop(): void;
  /** Resolves when every client has ended: it was stopped, or its connection broke. */
  readonly ended: Promise<void>;
}

const ALGORITHMS = ['ecdsa', 'ed25519'];

/** Starts clients that create, change, generate and delete pairs, each pair by one client, and keep book of it. */
export function startWriters({ target, ledger, material, clients, prefix }: WritersOptions): Writers {
  const statuses = new Map<number, number>();
  let [acknowledged, inFlight, broken] = [0, 0, 0];
  let stopped = false;

  function count({ status }: Answer): void {
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }

  /** Sends a write. Undefined unless it was acknowledged. */
  async function write(name: string, next: Content | 'absent' | 'generated', request: Parameters<typeof send>) {
    const note = ledger.begin(name, next);
    inFlight++;
    try {
      const answer = await send(...request);
      count(answer);
      if (answer.status >= 300) {
        return undefined;
      }
      note.acknowledge();
      acknowledged++;
      return { entry: note.entry, answer };
    } catch (error) {
      broken++;
      throw error;
    } finally {
      inFlight--;
    }
  }

  async function create(name: string, content: Content): Promise<Entry | undefined> {
    const body = { name, certificate_data: content.certificate, key_data: content.key };
    const made = await write(name, content, [target, 'POST', '', body]);
    return made && withPk(made);
  }

  async function change(entry: Entry, content: Content): Promise<void> {
    // PUT keeps a key that it does not mention, so both name it.
    const body = { certificate_data: content.certificate, key_data: content.key };
    const isWhole = acknowledged % 2 === 0;
    const whole = isWhole ? { name: entry.name, ...body } : body;
    await write(entry.name, content, [target, isWhole ? 'PUT' : 'PATCH', `${entry.pk}/`, whole]);
  }

  async function generate(name: string): Promise<void> {
    const body = { common_name: name, validity_days: 1, alg: ALGORITHMS[acknowledged % 2] };
    const made = await write(name, 'generated', [target, 'POST', 'generate/', body]);
    if (made === undefined) {
      return;
    }
    const { pk } = withPk(made);
    const certificate = await send(target, 'GET', `${pk}/view_certificate/?download`);
    const key = await send(target, 'GET', `${pk}/view_private_key/?download`);
    count(certificate);
    count(key);
    if (certificate.status === 200 && key.status === 200) {
      made.entry.possible = [{ certificate: certificate.text, key: key.text }];
    }
  }

  async function turn(client: string, number: number): Promise<void> {
    const name = `${client}-${number}`;
    switch (number % 4) {
      case 0: {
        await create(name, material.next({ withKey: number % 8 === 0 }));
        return;
      }
      case 1:
        return await generate(name);
      case 2: {
        const made = await create(name, material.next({ withKey: true }));
        if (made !== undefined) {
          await write(name, 'absent', [target, 'DELETE', `${made.pk}/`]);
        }
        return;
      }
      default: {
        const mine = [...ledger.entries.values()].filter(
          (entry) => entry.name.startsWith(`${client}-`) && entry.pk !== undefined && knownContent(entry) !== undefined,
        );
        const entry = mine[number % Math.max(mine.length, 1)];
        if (entry !== undefined) {
          await change(entry, material.next({ withKey: number % 8 === 3 }));
        }
      }
    }
  }

  async function run(client: string): Promise<void> {
    try {
      for (let number = 0; !stopped; number++) {
        const before = statuses.get(503) ?? 0;
        await turn(client, number);
        if ((statuses.get(503) ?? 0) > before) {
          await until(async () => stopped || (await isServing()), 60_000);
        }
      }
    } catch (error) {
      // What fetch throws where a connection breaks.
      if (!(error instanceof TypeError)) {
        throw error;
      }
    }
  }

  async function isServing(): Promise<boolean> {
    const answer = await send(target, 'GET', '?page_size=1');
    count(answer);
    return answer.status === 200;
  }

  const running = Array.from({ length: clients }, (_value, index) => run(`${prefix}-${index}`));
  return {
    get acknowledged() {
      return acknowledged;
    },
    get inFlight() {
      return inFlight;
    },
    get broken() {
      return broken;
    },
    statuses,
    stop() {
      stopped = true;
    },
    ended: Promise.all(running).then(() => {}),
  };
}

function withPk({ entry, answer }: { entry: Entry; answer: Answer }): Entry {
  entry.pk = (JSON.parse(answer.text) as { pk: string }).pk;
  return entry;
}
