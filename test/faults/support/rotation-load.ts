import { type Answer, send, type Target } from './client.ts';
import type { Content } from './ledger.ts';
import type { Material } from './material.ts';

const STORING = 8;
const READERS = 6;
const WRITERS = 3;

/** A pair with the content that was acknowledged last. */
export interface StoredPair {
  readonly pk: string;
  readonly name: string;
  content: Content;
  /** Sent and not answered yet: a read may meet it. */
  pending?: Content | undefined;
}

/** Stores pairs, several at once; the certificate's text of each is sealed too. */
export async function storePairs(target: Target, material: Material, count: number): Promise<StoredPair[]> {
  const pairs: StoredPair[] = [];
  let next = 0;
  await several(STORING, async () => {
    while (next < count) {
      const name = `pair ${next++}`;
      const content = material.next({ withKey: true });
      const { status, text } = await send(target, 'POST', '', bodyOf(name, content));
      if (status !== 201) {
        throw new Error(`${name} was not stored: ${status} ${text}`);
      }
      pairs.push({ pk: (JSON.parse(text) as { pk: string }).pk, name, content });
    }
  });
  return pairs;
}

/** Reads keys and certificates of all pairs, and puts new keys into a few of them, until it is stopped. */
export function startRotationLoad(target: Target, material: Material, pairs: readonly StoredPair[]) {
  const wrongs: string[] = [];
  const changed = new Set<string>();
  // Each is one writer's alone, so that the order of its changes is known.
  const written = pairs.slice(0, Math.floor(pairs.length / 4));
  let [reads, writes, stopped] = [0, 0, false];

  async function reader(first: number): Promise<void> {
    for (let number = first; !stopped; number += READERS) {
      const pair = pairs[(number * 7919) % pairs.length] as StoredPair;
      const acceptable = [pair.content, pair.pending];
      const answer = await viewKey(target, pair);
      acceptable.push(pair.content, pair.pending);
      if (!acceptable.some((content) => content !== undefined && isKey(answer, content))) {
        wrongs.push(`read of ${pair.name}: ${answer.status}`);
      }
      reads++;
    }
  }

  async function writer(first: number): Promise<void> {
    for (let number = first; !stopped; number += WRITERS) {
      const pair = written[number % written.length] as StoredPair;
      const content = material.next({ withKey: true });
      pair.pending = content;
      const { status } = await send(target, 'PUT', `${pair.pk}/`, bodyOf(pair.name, content));
      if (status === 200) {
        pair.content = content;
        changed.add(pair.pk);
        writes++;
      } else {
        wrongs.push(`change of ${pair.name}: ${status}`);
      }
      pair.pending = undefined;
    }
  }

  // The writers' strides meet the same pair from two of them unless the pairs are a multiple of the writers.
  written.splice(written.length - (written.length % WRITERS));
  const running = [...range(READERS).map(reader), ...range(WRITERS).map(writer)];
  return {
    get reads() {
      return reads;
    },
    get writes() {
      return writes;
    },
    wrongs,
    changed,
    stop() {
      stopped = true;
    },
    ended: Promise.all(running).then(() => {}),
  };
}

/** The names of the pairs whose key is not what was acknowledged last. */
export async function readEach(target: Target, pairs: readonly StoredPair[]): Promise<string[]> {
  const wrongs: string[] = [];
  let next = 0;
  await several(READERS, async () => {
    while (next < pairs.length) {
      const pair = pairs[next++] as StoredPair;
      if (!isKey(await viewKey(target, pair), pair.content)) {
        wrongs.push(pair.name);
      }
    }
  });
  return wrongs;
}

const viewKey = (target: Target, { pk }: StoredPair) => send(target, 'GET', `${pk}/view_private_key/`);

function isKey({ status, text }: Answer, { key }: Content): boolean {
  return status === 200 && (JSON.parse(text) as { data: string }).data === key;
}

function bodyOf(name: string, { certificate, key }: Content) {
  return { name, certificate_data: certificate, key_data: key };
}

const range = (count: number) => Array.from({ length: count }, (_value, index) => index);

async function several(count: number, work: () => Promise<void>): Promise<void> {
  await Promise.all(range(count).map(work));
}
