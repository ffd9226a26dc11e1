declare module 'autocannon' {
  interface Request {
    method: 'GET' | 'POST';
    path: string;
    body?: string;
    headers?: Readonly<Record<string, string>>;
    setupRequest?(request: Request): Request;
  }
  interface Options {
    url: string;
    connections: number;
    /** Seconds. */
    duration?: number;
    /** Of requests; instead of a duration. */
    amount?: number;
    /** How often it looks whether the duration is over, in milliseconds. */
    sampleInt: number;
    headers: Readonly<Record<string, string>>;
    requests: readonly Request[];
  }
  interface Result {
    readonly non2xx: number;
    readonly errors: number;
  }
  interface Run extends PromiseLike<Result> {
    on(
      event: 'response',
      listener: (client: unknown, statusCode: number, bytes: number, milliseconds: number) => void,
    ): this;
  }
  export default function autocannon(options: Options): Run;
}
