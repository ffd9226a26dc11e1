import { METHODS, type Method } from './document.ts';

/** What a server sent, as far as a description speaks of it. */
export interface Answer {
  readonly method: string;
  /** As in the request line, or absolute. */
  readonly url: string;
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

/** The method as OpenAPI writes it; undefined where OpenAPI has no word for it. */
export function methodOf({ method }: Answer): Method | undefined {
  return METHODS.find((known) => known === method.toLowerCase());
}

/** The media type without its parameters, or nothing. */
export function mediaTypeOf({ contentType = '' }: Answer): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/** The path's segments, decoded; undefined where they can't be. */
export function segmentsOf(url: string): string[] | undefined {
  try {
    return pathOf(url).split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** The path as it was written, without the query. */
export function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/?#]*/, '').split(/[?#]/, 1)[0] ?? '';
}

/** The query's parameters. */
export function queryOf(url: string): URLSearchParams {
  return new URLSearchParams(/\?([^#]*)/.exec(url)?.[1] ?? '');
}
