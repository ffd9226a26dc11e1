import { expect, test } from 'vitest';
import { authentikDocument, ownDocument, PREFIX } from '../support/contract/descriptions.ts';
import { type DescribedBody, METHODS, type Operation } from '../support/contract/document.ts';
import { schemaDifferences } from './schema-differences.ts';

const authentik = authentikDocument();
const own = ownDocument();

/** Events are read here: no client makes or changes one (docs/differences.md). */
const isCovered = (path: string, method: string) =>
  path.startsWith('/crypto/') || path.startsWith('/core/tokens/') || (path.startsWith('/events/') && method === 'get');

/** Each operation of authentik's crypto API, on tokens, and of its events as far as they are read, and ours at the same place. */
const operations = Object.entries(authentik.paths)
  .flatMap(([path, item]) => METHODS.map((method) => ({ path, method, theirs: item[method] })))
  .filter(({ path, method }) => isCovered(path, method))
  .flatMap(({ path, method, theirs }) => {
    const ours = own.paths[PREFIX + path]?.[method];
    return theirs === undefined ? [] : [{ name: `${method.toUpperCase()} ${path}`, theirs, ours }];
  });

/** Compares what both have: what we lack is the first test's. */
function compare(differences: (name: string, theirs: Operation, ours: Operation) => string[]): string[] {
  const both = operations.flatMap(({ name, theirs, ours }) => (ours === undefined ? [] : [{ name, theirs, ours }]));
  expect(both.length).toBeGreaterThan(0);
  return both.flatMap(({ name, theirs, ours }) => differences(name, theirs, ours));
}

function bodyDifferences(theirs: DescribedBody, ours: DescribedBody, place: string): string[] {
  return Object.entries(theirs.content ?? {}).flatMap(([mediaType, { schema }]) => {
    const ownSchema = ours.content?.[mediaType]?.schema;
    return ownSchema === undefined
      ? [`${place} has no ${mediaType} here`]
      : schemaDifferences({ schema, document: authentik }, { schema: ownSchema, document: own }, place);
  });
}

test("openapi.yaml has every path and method of authentik's crypto API", () => {
  const missing = operations.filter(({ ours }) => ours === undefined);

  expect(operations.length).toBeGreaterThan(0);
  expect(missing.map(({ name }) => name)).toEqual([]);
});

test('each operation has the operationId by which generated clients name their methods', () => {
  const differences = compare((name, theirs, ours) =>
    theirs.operationId === ours.operationId
      ? []
      : [`${name} is ${theirs.operationId} in authentik, ${ours.operationId} here`],
  );

  expect(differences).toEqual([]);
});

test('each parameter of authentik is one of ours, in the same place and of the same type', () => {
  const differences = compare((name, theirs, ours) =>
    (theirs.parameters ?? []).flatMap((wanted) => {
      const place = `${name}: the parameter ${wanted.name} in the ${wanted.in}`;
      const got = ours.parameters?.find((parameter) => parameter.name === wanted.name && parameter.in === wanted.in);
      if (got === undefined) {
        return [`${place} is missing here`];
      }
      const [isWanted, isGot] = [wanted.required ?? false, got.required ?? false];
      return [
        ...(isWanted === isGot ? [] : [`${place} is required: ${isWanted} in authentik, ${isGot} here`]),
        ...schemaDifferences(
          { schema: wanted.schema, document: authentik },
          { schema: got.schema, document: own },
          place,
        ),
      ];
    }),
  );

  expect(differences).toEqual([]);
});

test('no operation requires a parameter that authentik does not know', () => {
  const differences = compare((name, theirs, ours) =>
    (ours.parameters ?? [])
      .filter(({ required, ...ofOurs }) => {
        const isKnown = theirs.parameters?.some(
          ({ name: known, in: place }) => known === ofOurs.name && place === ofOurs.in,
        );
        return required === true && isKnown !== true;
      })
      .map((parameter) => `${name}: the parameter ${parameter.name} is required here`),
  );

  expect(differences).toEqual([]);
});

test('each request body has the properties that authentik takes, of the same types', () => {
  const differences = compare((name, theirs, ours) =>
    theirs.requestBody === undefined
      ? []
      : bodyDifferences(theirs.requestBody, ours.requestBody ?? {}, `${name}: body`),
  );

  // There are no tokens of another intent here (docs/differences.md).
  const intent = /^(POST|PUT|PATCH) \/core\/tokens\/.*: body\.intent is .*\["api"\]} here$/;
  expect(differences.filter((difference) => !intent.test(difference))).toEqual([]);
});

test('a request body is required exactly where authentik requires one', () => {
  const differences = compare((name, theirs, ours) => {
    const [wanted, got] = [theirs, ours].map(({ requestBody }) => requestBody?.required ?? false);
    return wanted === got ? [] : [`${name}: the body is required: ${wanted} in authentik, ${got} here`];
  });

  expect(differences).toEqual([]);
});

test('each response body has the properties that authentik sends, of the same types', () => {
  const differences = compare((name, theirs, ours) =>
    Object.entries(theirs.responses).flatMap(([status, response]) => {
      const described = ours.responses[status];
      return described === undefined ? [] : bodyDifferences(response, described, `${name} ${status}`);
    }),
  );

  expect(differences).toEqual([]);
});

test('each status that authentik describes is described here', () => {
  const differences = compare((name, theirs, ours) =>
    Object.keys(theirs.responses)
      .filter((status) => ours.responses[status] === undefined)
      .map((status) => `${name} has no ${status} here`),
  );

  expect(differences).toEqual([]);
});
