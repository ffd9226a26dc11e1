import { TextDecoder } from 'node:util';
import type { FastifyRequest } from 'fastify';
import { malformedJson, noData, notADictionary, unsupportedMediaType } from './errors.ts';
import { type JsonObject, JsonSyntaxError, type JsonValue, parseJson } from './json.ts';
import { charsetOf, coversJson } from './media-type.ts';
import { PythonNumber } from './python.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The Content-Type header as it was sent; empty without one. */
    contentType: string;
  }
}

/** Charsets that Python calls by a name which TextDecoder doesn't know, or knows as another one. */
const LATIN_1 = new Set(['latin-1', 'latin1', 'iso-8859-1', 'iso8859-1', 'l1']);

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
  const value = parse(decode(body, charsetOf(contentType)));
  if (value === null) {
    throw noData();
  }
  if (isObject(value)) {
    return value;
  }
  throw notADictionary(typeName(value));
}

function parse(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    throw error instanceof JsonSyntaxError ? malformedJson(error.message) : error;
  }
}

function decode(body: Buffer, charset = 'utf-8'): string {
  if (LATIN_1.has(charset)) {
    return body.toString('latin1');
  }
  const decoder = decoderOf(charset);
  try {
    return decoder.decode(body);
  } catch {
    throw malformedJson(undecodable(body, decoder));
  }
}

/** Unknown charsets count for UTF-8, as in the original. */
function decoderOf(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true });
  } catch {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  }
}

/** Python names the first byte that it can't decode; for UTF-8 that is where the longest sound beginning ends. */
function undecodable(body: Buffer, decoder: TextDecoder): string {
  const lenient = new TextDecoder(decoder.encoding, { ignoreBOM: true }).decode(body);
  const position = Buffer.byteLength(lenient.slice(0, lenient.indexOf('\ufffd')));
  const byte = (body[position] ?? 0).toString(16).padStart(2, '0');
  return `'${decoder.encoding}' codec can't decode byte 0x${byte} in position ${position}: invalid start byte`;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof PythonNumber);
}

function typeName(value: Exclude<JsonValue, null | JsonObject>): string {
  if (value instanceof PythonNumber) {
    return value.type;
  }
  if (Array.isArray(value)) {
    return 'list';
  }
  return typeof value === 'boolean' ? 'bool' : 'str';
}
