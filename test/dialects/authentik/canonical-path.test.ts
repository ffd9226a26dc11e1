import { describe, expect, it } from 'vitest';
import { canonicalPath } from '../../../src/dialects/authentik/canonical-path.ts';

describe('the path as Django reads it', () => {
  it.each([
    ['/api/v3/root/config/', '/api/v3/root/config/'],
    ['/a%2Fb%2f', '/a/b/'],
    ['/%41%62', '/Ab'],
    ['/%C3%A9%20', '/%C3%A9%20'],
    ['/%FF/', '/%25FF/'],
    ['/%c3/', '/%25C3/'],
    ['/%C3%28', '/%25C3('],
    ['/a%E2%82%FFb%2F', '/a%25E2%2582%25FFb/'],
    ['/%25FF%3F%23%2E', '/%25FF%3F%23.'],
    ['/%zz%2F', '/%zz/'],
    ['/%', '/%'],
  ])('of %s is %s', (path, canonical) => {
    expect(canonicalPath(path)).toBe(canonical);
  });
});
