import { expect, test } from 'vitest';
import { stateAt } from '../../../src/keypairs/trust/trust-state.ts';

const END = new Date('2031-05-04T09:00:00Z');
const AFTER = new Date(END.getTime() + 1);

test.each(['trusted', 'untrusted'] as const)(
  'a certificate is %s through its notAfter (RFC 5280 §4.1.2.5), and expired from then on',
  (desired) => {
    const facts = { isIntact: true, notAfter: END, desired };
    expect([stateAt(facts, END), stateAt(facts, AFTER)]).toEqual([desired, 'expired']);
  },
);

test('a certificate that is not the one that was stored is untrusted, whatever is desired and whenever', () => {
  const facts = { isIntact: false, notAfter: END, desired: 'trusted' } as const;
  expect([stateAt(facts, END), stateAt(facts, AFTER)]).toEqual(['untrusted', 'untrusted']);
});
