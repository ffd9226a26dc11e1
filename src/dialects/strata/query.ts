import type { FastifyRequest } from 'fastify';
import { invalidQueryParameter, missingQueryParameter, Refusal } from './errors.ts';
import { CONTAINER_KINDS, CONTAINER_NAME, type Container, MAX_CONTAINER_NAME } from './tenancy.ts';

/** A parameter of the query; of several the last. Undefined where it is absent or empty. */
export function parameterOf(request: FastifyRequest, name: string): string | undefined {
  const given = (request.query as Readonly<Record<string, string | string[] | undefined>>)[name];
  const text = Array.isArray(given) ? given.at(-1) : given;
  return text === '' ? undefined : text;
}

/**
 * The container that a query names.
 *
 * @returns undefined where it names none
 * @throws {Refusal} where it names several, or none that there can be
 */
export function containerInQuery(request: FastifyRequest): Container | undefined {
  const given = CONTAINER_KINDS.flatMap((kind) => {
    const name = parameterOf(request, kind);
    return name === undefined ? [] : [{ kind, name }];
  });
  const [container, other] = given;
  if (other !== undefined) {
    throw new Refusal('Invalid Query Parameter', ['only one of folder, snippet and device may be given'], {
      about: `${other.kind}=${other.name}`,
    });
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
