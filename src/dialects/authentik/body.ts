import type { FastifyRequest } from 'fastify';
import { decodeText, UndecodableText } from './charset.ts';
import { malformedJson, noData, notADictionary, unsupportedMediaType } from './errors.ts';
import { type JsonObject, JsonSyntaxError, type JsonValue, parseJson } from './json.ts';
import { charsetOf, coversJson } from './media-type.ts';
import { PythonNumber } from './python.ts';

/**
 * The JSON object of a request's body. An empty body is an empty object, whatever its type.
 *
 * @throws {Refusal} 415 for another media type, 400 for what is no JSON or no object
 */
export function readBody(request: FastifyRequest): JsonObject {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (body.length === 0) {
    return {};
  }
  const { contentType } = request;
  if (!coversJson(contentType)) {
    throw unsupportedMediaType(contentType);
  }
  const value = parse(body, charsetOf(contentType));
  if (value === null) {
    throw noData();
  }
  if (isObject(value)) {
    return value;
  }
  throw notADictionary(typeName(value));
}

function parse(body: Buffer, charset: string | undefined): JsonValue {
  try {
    return parseJson(decodeText(body, charset));
  } catch (error) {
    const isClients = error instanceof JsonSyntaxError || error instanceof UndecodableText;
    throw isClients ? malformedJson(error.message) : error;
  }
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof PythonNumber);
}

/** Python's name for the type of a JSON value. */
export function typeName(value: Exclude<JsonValue, null | JsonObject>): string {
  if (value instanceof PythonNumber) {
    return value.type;
  }
  if (Array.isArray(value)) {
    return 'list';
  }
  return typeof value === 'boolean' ? 'bool' : 'str';
}
