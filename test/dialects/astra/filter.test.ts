import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filterOf, MAX_FILTER_LENGTH } from '../../../src/dialects/astra/filter.ts';
import { UnsoundParameter } from '../../../src/dialects/astra/parameters.ts';

const refused = (filter: string) => () => expect(() => filterOf(filter)).toThrow(UnsoundParameter);

/** The class of contract §3.6, as it stands there. */
const VENDORS_VALUE = /^[0-9a-zA-Z.,-_:@ {}"]+$/;

describe('§3.6: the fields that hold a text', () => {
  test.each([
    ['version', 'resourceVersion'],
    ['id', 'id'],
    ['certUse', 'use'],
    ['cert', 'certificate'],
    ['cn', 'commonName'],
    ['isSelfSigned', 'statedSelfSigned'],
    ['trustState', 'state'],
    ['trustStateDesired', 'desired'],
    ['metadata.createdBy', 'createdBy'],
    ['metadata.modifiedBy', 'updatedBy'],
    ['metadata.labels[*].name', 'labelName'],
    ['metadata.labels[*].value', 'labelValue'],
  ])('%s is compared as a text, by each operator', (name, field) => {
    for (const operator of ['eq', 'lt', 'gt', 'lte', 'gte', 'in']) {
      expect(filterOf(`${name} ${operator} 'some Value'`)).toEqual({ field, operator, value: 'some Value' });
    }
  });

  test.each([
    ['expiryTimestamp', 'notAfter'],
    ['metadata.creationTimestamp', 'createdAt'],
    ['metadata.modificationTimestamp', 'updatedAt'],
  ])('%s is compared as a point in time, and searched as it is written', (name, field) => {
    for (const operator of ['eq', 'lt', 'gt', 'lte', 'gte']) {
      const condition = { field, operator, value: '1767225600.500000000' };
      expect(filterOf(`${name} ${operator} '2026-01-01T00:00:00.5Z'`)).toEqual(condition);
      refused(`${name} ${operator} '2026-01-01'`)();
    }
    expect(filterOf(`${name} in '2026-01'`)).toEqual({ field, operator: 'in', value: '2026-01' });
  });

  test.each([
    ["type eq 'application/astra-certificate'", true],
    ["type eq 'application/astra-certificates'", false],
    ["type in 'astra'", true],
    ["type lt 'application/astra-certificate'", false],
    ["type lte 'application/astra-certificate'", true],
    ["type gte 'application/astra-certificate'", true],
    ["type gt 'application/astra'", true],
    ["trustStateTransitions[*].from eq 'untrusted'", true],
    ["trustStateTransitions[*].from eq 'trusted'", true],
    ["trustStateTransitions[*].from eq 'expired'", false],
    ["trustStateTransitions[*].to[*] eq 'trusted'", true],
    ["trustStateTransitions[*].to[*] lt 'trusted'", false],
    ["trustStateTransitions[*].to[*] in 'untr'", true],
  ])('%s holds of all or of none: %s', (filter, holds) => {
    expect(filterOf(filter)).toBe(holds);
  });

  test.each(['type', 'title', 'detail'])('trustStateDetails[*].%s is there of broken certificates alone', (name) => {
    const broken = { field: 'isIntact', operator: 'eq', value: 'false' };
    expect(filterOf(`trustStateDetails[*].${name} gte ' '`)).toEqual(broken);
    expect(filterOf(`trustStateDetails[*].${name} eq 'something else'`)).toBe(false);
  });

  test.each([
    ...['metadata', 'metadata.labels', 'metadata.labels[*]', 'trustStateTransitions', 'trustStateTransitions[*]'],
    ...['trustStateTransitions[*].to', 'trustStateDetails', 'trustStateDetails[*].additionalDetails'],
    ...['metadata.labels.name', 'metadata.cn', 'certuse', 'name', 'constructor', 'toString', '__proto__', 'cn.'],
  ])('%s holds no text: refused', (name) => {
    refused(`${name} eq 'a'`)();
  });
});

describe('§3.6: the grammar', () => {
  test.each(["certUse%20eq%20'rootCA'", "certUse eq%20'rootCA'", "certUse%20eq 'rootCA'", "certUse eq 'rootCA'"])(
    'a literal %%20 is a blank: %s',
    (filter) => {
      expect(filterOf(filter)).toEqual({ field: 'use', operator: 'eq', value: 'rootCA' });
    },
  );

  test.each(["cn eq 'a',cn eq 'a'", "cn eq 'a',cn eq 'a',cn eq 'a'"])('a term may repeat itself: %s', (filter) => {
    expect(filterOf(filter)).toEqual({ field: 'commonName', operator: 'eq', value: 'a' });
  });

  test.each([
    ...['', ' ', 'cn', 'cn eq', "cn eq ''", 'cn eq a', 'cn eq "a"', "cn eq 'a", "cn eq a'", "cn eq 'a' ", " cn eq 'a'"],
    ...["cn  eq 'a'", "cn eq  'a'", "cneq'a'", "cn\teq 'a'", "cn EQ 'a'", "cn ne 'a'", "cn like 'a'", "eq 'a'"],
    ...["cn eq 'a',cn eq 'b'", "cn eq 'a', cn eq 'a'", "cn eq 'a',", "cn eq 'a' and cn eq 'b'", "cn eq 'a'cn eq 'a'"],
    ...["metadata.labels[0].name eq 'a'", "metadata.labels[].name eq 'a'", "cn eq 'a'\n", "cn eq 'a\n'", "c_n eq 'a'"],
    ...["cn%20eq%20'a%20b'", "cn+eq+'a'", "%zz eq 'a'"],
  ])('%j is no filter', (filter) => {
    refused(filter)();
  });

  test('a value holds what the original lets through, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary-ascii' }), fc.string(), fc.stringMatching(VENDORS_VALUE)),
        (value) => {
          if (VENDORS_VALUE.test(value)) {
            expect(filterOf(`cn in '${value}'`)).toEqual({ field: 'commonName', operator: 'in', value });
          } else {
            refused(`cn in '${value}'`)();
          }
        },
      ),
    );
  });

  test('nothing that is no filter is anything but refused', () => {
    const parts = fc.constantFrom('cn', ' ', '%20', 'eq', 'in', "'", 'a', ',', '[*]', '.', "cn eq 'a'", 'é', '\u0000');
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (words) => {
        try {
          expect(filterOf(words.join(''))).toBeDefined();
        } catch (error) {
          expect(error).toBeInstanceOf(UnsoundParameter);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('as long as may be, and no longer', () => {
    const longest = `cn in '${'a'.repeat(MAX_FILTER_LENGTH - "cn in ''".length)}'`;
    expect(filterOf(longest)).toMatchObject({ field: 'commonName' });
    refused(longest.replace('a', 'aa'))();
  });
});
