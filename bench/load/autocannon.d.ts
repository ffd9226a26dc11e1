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
    duration: number;
    headers: Readonly<Record<string, string>>;
    requests: readonly Request[];
  }
  interface Result {
    readonly requests: { readonly total: number };
    readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
    /** Seconds. */
    readonly duration: number;
    readonly non2xx: number;
    readonly errors: number;
  }
  export default function autocannon(options: Options): Promise<Result>;
}
