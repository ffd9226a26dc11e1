import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../src/dialects/authentik/errors.ts';
import { filterOf, ordersOf, Query, wantsDetails } from '../../../src/dialects/authentik/query.ts';

function query(text: string): Query {
  return new Query({ raw: { url: `/api/v3/crypto/certificatekeypairs/${text}` } } as FastifyRequest);
}

const filter = (text: string) => filterOf(query(text));

function refusalOf(text: string): unknown {
  try {
    filter(text);
  } catch (error) {
    return error instanceof Refusal ? [error.status, error.body] : error;
  }
  return undefined;
}

describe('a query string', () => {
  it('may be absent or empty, and hold what means nothing here', () => {
    for (const text of ['', '?', '?&&', '?colour=red&Name=x&NAME=y', '?name=&managed=&has_key=&search=']) {
      expect(filter(text)).toEqual({});
    }
  });

  it('counts the last of a repeated parameter', () => {
    expect(filter('?name=a&name=b&managed=c&managed=&search=d&search=e')).toEqual({ name: 'b', search: ['e'] });
  });

  it('may hold thousands of parameters', () => {
    expect(filter(`?${'x=y&'.repeat(5000)}name=last`)).toEqual({ name: 'last' });
  });

  it('is percent-decoded as UTF-8, with plus for a blank', () => {
    expect(filter('?name=%C3%A4+%2B%26%3D%3F')).toEqual({ name: 'ä +&=?' });
    expect(filter('?name=a?b=c')).toEqual({ name: 'a?b=c' });
  });
});

describe('name and managed', () => {
  it.each(['name', 'managed'])('%s is exact and trimmed', (field) => {
    expect(filter(`?${field}=+A%20b%C2%A0`)).toEqual({ [field]: 'A b' });
    expect(filter(`?${field}=%25_`)).toEqual({ [field]: '%_' });
    expect(filter(`?${field}=++`)).toEqual({});
  });

  it.each(['name', 'managed'])('%s may hold no U+0000', (field) => {
    expect(refusalOf(`?${field}=a%00b`)).toEqual([400, { [field]: ['Null characters are not allowed.'] }]);
  });

  it('managed=null looks for the text', () => {
    expect(filter('?managed=null')).toEqual({ managed: 'null' });
  });
});

describe('has_key', () => {
  it.each(['true', 'True', '2', 'false&has_key=true'])('%s asks for pairs with a key', (value) => {
    expect(filter(`?has_key=${value}`)).toEqual({ hasPrivateKey: true });
  });

  it.each(['false', 'False', '1', '0', '3', 'TRUE', '+true', 'yes', 'rubbish', '', 'true&has_key=false'])(
    '%s asks for nothing',
    (value) => {
      expect(filter(`?has_key=${value}`)).toEqual({});
    },
  );
});

describe('key_type', () => {
  it('may be repeated, and any of them will do', () => {
    expect(filter('?key_type=rsa&key_type=ed448')).toEqual({ keyTypes: ['rsa', 'ed448'] });
    expect(filter('?key_type=ec&key_type=dsa&key_type=ed25519')).toEqual({ keyTypes: ['ec', 'dsa', 'ed25519'] });
  });

  it.each([
    ['nope', 'nope'],
    ['', ''],
    ['RSA', 'RSA'],
    ['ec,rsa', 'ec,rsa'],
    ['x25519', 'x25519'],
    ['dh', 'dh'],
    ['rsa&key_type=one&key_type=two', 'one'],
  ])('%s is refused, naming the first that is wrong', (value, named) => {
    const text = `Select a valid choice. ${named} is not one of the available choices.`;
    expect(refusalOf(`?key_type=${value}`)).toEqual([400, { key_type: [text] }]);
  });
});

describe('several broken filters', () => {
  it('are told of together, and before the search', () => {
    expect(refusalOf('?name=%00&key_type=EC&managed=%00&search=%00')).toEqual([
      400,
      {
        name: ['Null characters are not allowed.'],
        managed: ['Null characters are not allowed.'],
        key_type: ['Select a valid choice. EC is not one of the available choices.'],
      },
    ]);
  });
});

// What search_smart_split of Django REST framework 3.17 gave.
describe('a search', () => {
  it.each([
    ['a b', ['a', 'b']],
    ['a,b', ['a', 'b']],
    [' a ,, b ', ['a', 'b']],
    ['a\n\tb', ['a', 'b']],
    ['a\u00a0b\u3000c', ['a', 'b', 'c']],
    ['a\x85b\x1cc', ['a', 'b', 'c']],
    ['a\ufeffb', ['a\ufeffb']],
    ['"a b"', ['a b']],
    ["'a b'", ['a b']],
    ['"a b" c', ['a b', 'c']],
    ['"a,b"', ['a,b']],
    [',"a b",', ['a b']],
    ['"a b",c', ['"a b"', 'c']],
    ['" a","b ', [' a', '"b']],
    ['b",\u3000c"', ['b"', 'c"']],
    ['"a b', ['"a', 'b']],
    ['a"b c"d', ['a"b c"d']],
    ['"a \\"b\\" c"', ['a "b" c']],
    [`"it\\'s"`, [`it\\'s`]],
    ['"a\\\\b"', ['a\\b']],
    ['"a\\\nb"', ['"a\\', 'b"']],
    [`'a" b'`, ['a" b']],
    ['"', ['']],
    ['""', ['']],
    ['100%_\\', ['100%_\\']],
    ['a;b - É', ['a;b', '-', 'É']],
  ])('for %j looks for %j', (search, terms) => {
    expect(filter(`?search=${encodeURIComponent(search)}`)).toEqual({ search: terms });
  });

  it.each([',', ' , ', '\u3000', ',,'])('for %j looks for nothing', (search) => {
    expect(filter(`?search=${encodeURIComponent(search)}`)).toEqual({});
  });

  it('looks once for what is asked for twice', () => {
    expect(filter('?search=a+b+a')).toEqual({ search: ['a', 'b'] });
  });

  it('with U+0000 in it is answered with a bare array', () => {
    expect(refusalOf('?search=a%00')).toEqual([400, ['Null characters are not allowed.']]);
  });

  it.each(['"'.repeat(15_001), 'a\\" '.repeat(4000), `"${'\\"+'.repeat(4000)}`, '\'"'.repeat(8000)])(
    'of a whole hostile request line is refused, and the longest that is not comes to an end',
    (search) => {
      const text = 'Ensure this value has at most 2048 characters.';
      expect(refusalOf(`?search=${search}`)).toEqual([400, { search: [text] }]);
      expect(filter(`?search=${decodeURIComponent(search).replaceAll('+', ' ').slice(0, 2048)}`).search).toBeDefined();
    },
  );
});

describe('ordering', () => {
  const orders = (value: string) => ordersOf(query(`?ordering=${value}`));
  const byName = { field: 'name', descending: false };

  it.each([
    ['pk', 'id'],
    ['name', 'name'],
    ['fingerprint_sha256', 'fingerprintSha256'],
    ['fingerprint_sha1', 'fingerprintSha1'],
    ['cert_expiry', 'notAfter'],
    ['cert_subject', 'subject'],
    ['key_type', 'keyType'],
    ['managed', 'managed'],
  ])('knows %s, both ways', (name, field) => {
    expect(orders(name)).toEqual([{ field, descending: false }]);
    expect(orders(`-${name}`)).toEqual([{ field, descending: true }]);
  });

  it('takes several, in their order', () => {
    expect(orders('-key_type,name,+-pk+')).toEqual([
      { field: 'keyType', descending: true },
      byName,
      { field: 'id', descending: true },
    ]);
  });

  it('passes over what is no field', () => {
    expect(orders('nope,-name')).toEqual([{ field: 'name', descending: true }]);
  });

  it.each([
    ...['', 'nope', ',', '--name', '-+name', 'NAME', 'key_data', 'certificate_data', 'created', 'kp_uuid', 'id'],
    ...['private_key_available', 'private_key_type', '__proto__', 'constructor', 'toString', 'name;pk', 'name desc'],
  ])('is by name where %j leaves nothing', (value) => {
    expect(orders(value)).toEqual([byName]);
  });

  it('is by name where it is absent, and the last of several parameters counts', () => {
    expect(ordersOf(query(''))).toEqual([byName]);
    expect(orders('pk&ordering=managed')).toEqual([{ field: 'managed', descending: false }]);
  });
});

describe('include_details', () => {
  it.each([
    '',
    '?include_details=true',
    '?include_details=TRUE',
    '?include_details=tRuE',
    '?include_details=no&include_details=true',
    '?Include_Details=no',
  ])('%j shows them', (text) => {
    expect(wantsDetails(query(text))).toBe(true);
  });

  it.each([
    '?include_details=false',
    '?include_details=1',
    '?include_details=yes',
    '?include_details=',
    '?include_details',
    '?include_details=+true',
    '?include_details=true&include_details=x',
  ])('%j hides them', (text) => {
    expect(wantsDetails(query(text))).toBe(false);
  });
});
