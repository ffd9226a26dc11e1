import type { Caller } from './rbac-recording.ts';

const VIEW = 'view_certificatekeypair';
const OTHERS = [
  'add_certificatekeypair',
  'change_certificatekeypair',
  'delete_certificatekeypair',
  'view_certificatekeypair_certificate',
  'view_certificatekeypair_key',
] as const;

type How = 'not' | 'globally' | 'on k1';
const HOW = ['not', 'globally', 'on k1'] as const;

/** How each of the six permissions is held. */
type Holding = Readonly<Record<string, How>>;

/** Each other permission by itself and all of them together, held globally or on `k1`, each with view held in every way. */
export function systematicCallers(): Caller[] {
  return HOW.flatMap((view) => {
    const others: Holding[] = [
      {},
      ...(['globally', 'on k1'] as const).flatMap((how) => [
        ...OTHERS.map((permission) => ({ [permission]: how })),
        Object.fromEntries(OTHERS.map((permission) => [permission, how])),
      ]),
    ];
    return others.map((held) => callerOf({ [VIEW]: view, ...held }));
  });
}

/**
 * One of all 729 callers that the six permissions make.
 *
 * @param index from 0 to 728
 */
export function anyCaller(index: number): Caller {
  const ways = [VIEW, ...OTHERS].map((permission, place) => [permission, HOW[Math.floor(index / 3 ** place) % 3]]);
  return callerOf(Object.fromEntries(ways) as Holding);
}

export const CALLERS = 3 ** 6;

function callerOf(holding: Holding): Caller {
  const held = (how: How) => Object.keys(holding).filter((permission) => holding[permission] === how);
  const [global, object_k1] = [held('globally'), held('on k1')];
  const names = [...global, ...object_k1.map((permission) => `${permission}@k1`)];
  return { name: names.join('+') || 'none', kind: 'user', global, object_k1 };
}
