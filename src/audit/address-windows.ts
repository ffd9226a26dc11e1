import { isIPv6 } from 'node:net';

export interface AddressWindowsOptions<Window> {
  /** How long a window is, in milliseconds. */
  readonly lengthMs: number;
  /** How many addresses are held; beyond them the one whose window began first goes. */
  readonly capacity: number;
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
  begin(): Window;
  /** What is done with a window that is over, or whose address had to go. */
  end?(address: string, window: Window): void;
}

export type AddressWindows<Window> = ReturnType<typeof addressWindows<Window>>;

/** State for each client address over a span of time that begins with the address's first appearance. Bounded. */
export function addressWindows<Window>({ lengthMs, capacity, now, begin, end }: AddressWindowsOptions<Window>) {
  /** In the order of their beginning. */
  const windows = new Map<string, { readonly since: number; readonly window: Window }>();

  const finish = (address: string, { window }: { readonly window: Window }) => {
    windows.delete(address);
    end?.(address, window);
  };

  /** Ends the windows that are over. */
  function sweep(): void {
    const oldest = now() - lengthMs;
    for (const [address, entry] of windows) {
      if (entry.since > oldest) {
        return;
      }
      finish(address, entry);
    }
  }

  return {
    sweep,

    /** The window that an address is in; a new one, unless one is open. */
    enter(address: string): Window {
      sweep();
      const open = windows.get(address);
      if (open !== undefined) {
        return open.window;
      }
      const window = begin();
      windows.set(address, { since: now(), window });
      const [first] = windows;
      if (windows.size > capacity && first !== undefined) {
        finish(...first);
      }
      return window;
    },

    /** The window that an address is in, if there is one. */
    find(address: string): Window | undefined {
      sweep();
      return windows.get(address)?.window;
    },

    /** Ends all, those too that are not over. */
    clear(): void {
      for (const [address, entry] of windows) {
        finish(address, entry);
      }
    },

    get size(): number {
      return windows.size;
    },
  };
}

const GROUPS = 8;
const NETWORK_GROUPS = 4;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * What counts as one client: an IPv4 address, or the /64 of an IPv6 address, since whoever has one address of it has them all
 * (RFC 4291 §2.5.1).
 *
 * @param address as Node writes it; an IPv4 address in an IPv6 one (RFC 4291 §2.5.5.2) counts as itself
 */
export function clientNetwork(address: string): string {
  const mapped = MAPPED.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) {
    return mapped ?? address;
  }
  const bare = (address.split('%', 1)[0] ?? '').replace(/\d+\.\d+\.\d+\.\d+$/, '0:0');
  const [head = '', tail] = bare.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const zeros = Array<string>(Math.max(0, GROUPS - head.length - (tail?.length ?? 0))).fill('0');
  const groups = [...head, ...zeros, ...(tail ?? [])].slice(0, NETWORK_GROUPS);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
