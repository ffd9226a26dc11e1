import { beforeEach, describe, expect, it } from 'vitest';
import { callerCache, type FoundCaller } from '../../src/access/caller-cache.ts';
import type { PrincipalId } from '../../src/audit/index.ts';

let time: number;
let cache: ReturnType<typeof callerCache>;
let asked: string[];
beforeEach(() => {
  time = 1000;
  cache = callerCache(() => time);
  asked = [];
});

function found(username: string, expiresInMs: number | null = null): FoundCaller {
  const id = '6a0f3c52-0d7c-4f7e-9d8a-1c2b3d4e5f60' as PrincipalId;
  const rights = { isSuperuser: false, permissions: new Set<never>(), objectPermissions: new Map(), reach: [] };
  return { caller: { id, username, tokenId: username, ...rights }, expiresInMs };
}

/** Looks a caller up under a key of the same name. */
async function look(name: string, result: FoundCaller | 'nobody' = found(name)): Promise<string | undefined> {
  const caller = await cache.get(name, async () => {
    asked.push(name);
    return result === 'nobody' ? undefined : result;
  });
  return caller?.username;
}

describe('a caller', () => {
  it('is remembered for five seconds and no longer', async () => {
    expect(await look('a')).toBe('a');
    time += 4999;
    expect(await look('a', 'nobody')).toBe('a');
    time += 1;
    expect(await look('a', found('another'))).toBe('another');
    expect(asked).toEqual(['a', 'a']);
  });

  it('is not made younger by being asked for', async () => {
    await look('a');
    for (let second = 0; second < 5; second++) {
      time += 1000;
      await look('a');
    }
    expect(asked).toEqual(['a', 'a']);
  });

  it('is not remembered beyond the end of its token', async () => {
    await look('a', found('a', 300));
    time += 299;
    await look('a');
    expect(asked).toEqual(['a']);
    time += 1;
    expect(await look('a', 'nobody')).toBeUndefined();
  });

  it('is asked for once by all who come together', async () => {
    let answer: (caller: FoundCaller) => void = () => {};
    const find = () => {
      asked.push('a');
      return new Promise<FoundCaller>((resolve) => {
        answer = resolve;
      });
    };
    const together = [cache.get('a', find), cache.get('a', find), cache.get('a', find)];
    answer(found('a'));

    expect((await Promise.all(together)).map((caller) => caller?.username)).toEqual(['a', 'a', 'a']);
    expect(asked).toEqual(['a']);
  });

  it('that was not found is asked for again', async () => {
    expect(await look('a', 'nobody')).toBeUndefined();
    expect(await look('a')).toBe('a');
  });

  it('whose finding failed is asked for again, and the failure is told', async () => {
    const failing = () => Promise.reject(new Error('away'));
    await expect(cache.get('a', failing)).rejects.toThrow('away');
    expect(await look('a')).toBe('a');
  });
});

describe('the memory', () => {
  it('holds a thousand callers; the one that came first makes room', async () => {
    for (let n = 0; n <= 1000; n++) {
      await look(`caller ${n}`);
    }
    asked = [];
    await look('caller 1');
    await look('caller 1000');
    expect(asked).toEqual([]);
    await look('caller 0');
    expect(asked).toEqual(['caller 0']);
  });

  it('forgets everybody at once', async () => {
    await look('a');
    await look('b');
    cache.clear();
    expect(await look('a', 'nobody')).toBeUndefined();
    expect(await look('b', 'nobody')).toBeUndefined();
  });

  it('does not take back what was being found when everybody was forgotten', async () => {
    let answer: (caller: FoundCaller) => void = () => {};
    const before = cache.get(
      'a',
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    cache.clear();
    answer(found('a'));
    await before;

    expect(await look('a', 'nobody')).toBeUndefined();
  });
});
