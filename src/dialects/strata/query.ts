import type { FastifyRequest } from 'fastify';
import { invalidQueryParameter, missingQueryParameter } from './errors.ts';
import { CONTAINER_KINDS, CONTAINER_NAME, type Container, MAX_CONTAINER_NAME } from './tenancy.ts';

/**
 * A parameter of the query. Undefined where it is absent or empty.
 *
 * @throws {Refusal} 400 where it is given twice and not the same, or holds U+0000, which no stored text does
 */
export function parameterOf(request: FastifyRequest, name: string): string | undefined {
  const given = (request.query as Readonly<Record<string, string | string[] | undefined>>)[name];
  const [text, other] = new Set(given === undefined ? [] : [given].flat());
  if (other !== undefined) {
    throw invalidQueryParameter(name, other, 'is given twice');
  }
  if (text?.includes('\0') === true) {
    throw invalidQueryParameter(name, text, 'holds U+0000');
  }
  return text === '' ? undefined : text;
}

/**
 * A parameter that is a whole number.
 *
 * @param bounds inclusive
 * @returns undefined where it is absent or empty
 * @throws {Refusal} 400 for what is none, or beyond the bounds
 */
export function wholeNumberOf(
  request: FastifyRequest,
  name: string,
  { minimum, maximum }: { readonly minimum: number; readonly maximum: number },
): number | undefined {
  const text = parameterOf(request, name);
  if (text === undefined) {
    return undefined;
  }
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= minimum && value <= maximum)) {
    throw invalidQueryParameter(name, text, `must be a whole number from ${minimum} to ${maximum}`);
  }
  return value;
}

/**
 * PAN-OS says by it where an object is; passed over, it would be looked for elsewhere than its client believes (contract §9).
 *
 * @throws {Refusal} 400 where it is given
 */
function refuseLocation(request: FastifyRequest): void {
  const location = parameterOf(request, 'location');
  if (location !== undefined) {
    throw invalidQueryParameter('location', location, 'is not known here: folder, snippet and device are');
  }
}

/**
 * The container that a query names.
 *
 * @returns undefined where it names none
 * @throws {Refusal} where it names several, or none that there can be, or a location
 */
export function containerInQuery(request: FastifyRequest): Container | undefined {
  refuseLocation(request);
  const given = CONTAINER_KINDS.flatMap((kind) => {
    const name = parameterOf(request, kind);
    return name === undefined ? [] : [{ kind, name }];
  });
  const [container, other] = given;
  if (other !== undefined) {
    throw invalidQueryParameter(other.kind, other.name, 'only one of folder, snippet and device may be given');
  }
  if (container !== undefined && !isContainerName(container.name)) {
    throw invalidQueryParameter(container.kind, container.name, 'is not the name of a container');
  }
  return container;
}

/** As {@link containerInQuery}, where there must be one. */
export function requiredContainer(request: FastifyRequest): Container {
  const container = containerInQuery(request);
  if (container === undefined) {
    throw missingQueryParameter('folder');
  }
  return container;
}

export function isContainerName(text: string): boolean {
  return CONTAINER_NAME.test(text) && text.length <= MAX_CONTAINER_NAME;
}
