import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressWindows, clientNetwork } from '../../src/audit/address-windows.ts';

describe('what counts as one client', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::2:3:4:5:6:7:8', '0:2:3:4::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
    ['', ''],
    ['not an address', 'not an address'],
  ])('%s is of %s', (address, network) => {
    expect(clientNetwork(address)).toBe(network);
  });

  test('two IPv6 addresses are one client exactly where Node finds them in one /64', () => {
    const nearby = fc.tuple(fc.ipV6(), fc.ipV6()).map(([one, other]) => [one, other] as const);
    const same = fc
      .tuple(fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }), fc.array(fc.nat(0xffff), { minLength: 8 }))
      .map(([groups, others]) => {
        const text = (all: number[]) => all.map((group) => group.toString(16)).join(':');
        return [text(groups), text([...groups.slice(0, 4), ...others.slice(0, 4)])] as const;
      });
    fc.assert(
      fc.property(fc.oneof(nearby, same), ([one, other]) => {
        fc.pre(!/^::ffff:\d+\./i.test(one) && !/^::ffff:\d+\./i.test(other));
        const list = new BlockList();
        list.addSubnet(one, 64, 'ipv6');
        expect(clientNetwork(one) === clientNetwork(other)).toBe(list.check(other, 'ipv6'));
      }),
    );
  });
});

type Step = { readonly enter: string } | { readonly wait: number } | 'sweep';

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ enter: fc.constantFrom('a', 'b', 'c', 'd', 'e') }) },
    { weight: 2, arbitrary: fc.record({ wait: fc.integer({ min: 0, max: 150 }) }) },
    { weight: 1, arbitrary: fc.constant('sweep' as const) },
  ),
);

test('windows never are more than their bound, never outlast their time, and each ends once', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 4 }), (sequence, capacity) => {
      let clock = 0;
      const open = new Set<{ readonly since: number; readonly address: string }>();
      const windows = addressWindows({
        lengthMs: 100,
        capacity,
        now: () => clock,
        begin: () => ({ since: clock, address: '' }),
        end: (_address, window) => expect(open.delete(window)).toBe(true),
      });
      for (const step of sequence) {
        if (step === 'sweep') {
          windows.sweep();
        } else if ('wait' in step) {
          clock += step.wait;
        } else {
          const window = windows.enter(step.enter);
          open.add(window);
          expect(clock - window.since).toBeLessThan(100);
          expect(windows.find(step.enter)).toBe(window);
        }
        expect(windows.size).toBe(open.size);
        expect(windows.size).toBeLessThanOrEqual(capacity);
      }
      windows.clear();
      expect(open.size).toBe(0);
    }),
  );
});
