import fc from 'fast-check';
import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { answerTypeOf, requireJsonBody } from '../../../src/dialects/astra/negotiation.ts';
import { refuseParameters } from '../../../src/dialects/astra/query-absence.ts';

const OWN = 'application/astra-certificate+json';
const JSON_TYPE = 'application/json';

/** What is answered, or the number of the problem. */
function typeFor(accept: string | undefined): string | number {
  try {
    return answerTypeOf({ headers: { accept } } as FastifyRequest, OWN);
  } catch (error) {
    return (error as { number: number }).number;
  }
}

describe('the type of an answer', () => {
  test.each([
    undefined,
    '',
    ' ',
    '*/*',
    '*',
    'application/*',
    'application/json',
    'Application/JSON; charset=utf-8',
    'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2',
    'application/json;q=0.001',
    `application/json, ${OWN};q=0.9`,
    `${OWN};q=0, */*`,
    `${OWN};q=0.2, */*;q=0.3`,
    'application/astra-managedCluster+json',
    'application/managedCluster+json, text/html',
    'application/problem+json;q=0.1',
  ])('is JSON for %j', (accept) => {
    expect(typeFor(accept)).toBe(JSON_TYPE);
  });

  test.each([
    OWN,
    OWN.toUpperCase(),
    `${OWN}; charset=utf-8`,
    `${OWN}, application/json`,
    `application/json, ${OWN}`,
    `application/json;q=0.9, ${OWN}`,
    `${OWN};q=0.9, application/json;q=0.5`,
    `${OWN}, */*`,
    'application/json;q=0, */*',
    `text/html, ${OWN};q=0.001`,
  ])('is its own for %j', (accept) => {
    expect(typeFor(accept)).toBe(OWN);
  });

  test.each([
    'text/html',
    'application/xml',
    'text/*',
    'application/json;q=0',
    'application/*;q=0',
    '*/*;q=0.000',
    `${OWN};q=0`,
    'application/json;q=0, application/managedCluster+json',
    'application/managedCluster+json;q=0',
    'application/+json',
    'text/x+json',
    `text/x;a="${OWN}"`,
  ])('is none for %j: problem 32', (accept) => {
    expect(typeFor(accept)).toBe(32);
  });

  test('follows the qualities of both, the own one first where they are equal', () => {
    const thousandths = fc.integer({ min: 0, max: 1000 });
    const noise = fc.constantFrom('text/html', 'image/*;q=0.5', 'text/x;a=","');
    fc.assert(
      fc.property(thousandths, thousandths, fc.array(noise), fc.boolean(), (own, json, others, isOwnFirst) => {
        const named = [`${OWN};q=${own / 1000}`, `application/json ; Q=${json / 1000}`];
        const accept = [...others, ...(isOwnFirst ? named : named.reverse())].join(' , ');
        const best = own >= json ? OWN : JSON_TYPE;
        expect(typeFor(accept)).toBe(Math.max(own, json) === 0 ? 32 : best);
      }),
    );
  });

  test('is one of the two, or none, whatever comes', () => {
    const piece = fc.constantFrom(
      OWN,
      'application/json',
      '*/*',
      ';',
      ',',
      'q=',
      '0.5',
      '"',
      '\\',
      ' ',
      'x/y+json',
      '*',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (accept) => {
          expect([OWN, JSON_TYPE, 32]).toContain(typeFor(accept));
        },
      ),
    );
  });
});

describe('the type of a body', () => {
  test.each([
    '',
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=US-ASCII',
    'application/astra-certificate+json',
    'application/managedCluster+json',
  ])('may be %j', (contentType) => {
    expect(() => requireJsonBody({ contentType } as FastifyRequest)).not.toThrow();
  });

  test.each([
    ['text/plain', /neither/],
    ['application/x-www-form-urlencoded', /neither/],
    ['application/json+xml', /neither/],
    ['nonsense', /neither/],
    ['application/json; charset=utf-16', /charset/],
    ['application/astra-certificate+json;charset="latin1"', /charset/],
  ])('may not be %j: problem 12', (contentType, reason) => {
    const invalidParams = [{ name: 'Content-Type', reason: expect.stringMatching(reason) }];
    expect(() => requireJsonBody({ contentType } as FastifyRequest)).toThrow(
      expect.objectContaining({ number: 12, extras: { invalidParams } }),
    );
  });
});

describe('parameters of a query', () => {
  const refusalOf = (query: object, except?: readonly string[]) => {
    try {
      refuseParameters({ query } as FastifyRequest, except);
      return [];
    } catch (error) {
      const { number, extras } = error as { number: number; extras: { invalidParams: { name: string }[] } };
      expect(number).toBe(6);
      return extras.invalidParams.map(({ name }) => name);
    }
  };

  test('that an operation does not know are told of, all of them, and none of their values', () => {
    expect(refusalOf({})).toEqual([]);
    expect(refusalOf({ limit: '1', filter: ['a', 'b'] }, ['limit', 'filter'])).toEqual([]);
    expect(refusalOf({ limit: 'secret', skip: 'secret', '': '' }, ['limit'])).toEqual(['skip', '']);
    expect(refusalOf({ toString: 'x' }, ['limit'])).toEqual(['toString']);
  });

  test('are told of in bounded length, by names that can be shown anywhere', () => {
    const many = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`p${index}`, '']));
    expect(refusalOf(many)).toHaveLength(20);
    expect(refusalOf({ ['x'.repeat(65)]: '' })).toEqual([`${'x'.repeat(64)}…`]);
    expect(refusalOf({ 'a\n\u0000\u{1f600}é': '' })).toEqual(['a\\u{a}\\u{0}\\u{1f600}\\u{e9}']);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (name) => {
        expect(refusalOf({ [name]: '' })[0]).toMatch(/^[\x20-\x7e]*…?$/);
      }),
    );
  });
});
