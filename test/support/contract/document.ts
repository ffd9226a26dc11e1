/** The parts of an OpenAPI 3.0 document that the checks read. */

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'] as const;
export type Method = (typeof METHODS)[number];
export type PathItem = Readonly<Partial<Record<Method, Operation>>>;

export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: DescribedBody & { readonly required?: boolean };
  readonly responses: Readonly<Record<string, DescribedBody>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

/** Without content there is no body. */
export interface DescribedBody {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

const COMPONENT = /^#\/components\/schemas\/(\w+)$/;

/**
 * The name of the component that a `$ref` leads to.
 *
 * @throws where it leads anywhere else
 */
export function componentName(reference: string): string {
  const name = COMPONENT.exec(reference)?.[1];
  if (name === undefined) {
    throw new Error(`${reference} leads to no schema of the document`);
  }
  return name;
}
