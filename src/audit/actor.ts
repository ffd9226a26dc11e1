declare const principalId: unique symbol;

/** The UUID of a principal: whoever holds a token. */
export type PrincipalId = string & { readonly [principalId]: true };

/** The request by which something is done, as events tell it. */
export interface HttpRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The query's parameters, values that may be secret replaced. */
  readonly args: Readonly<Record<string, string>>;
  readonly userAgent: string;
}

/** Where something came from. */
export interface Origin {
  /** 32 hexadecimal digits, by which the log knows the request. */
  readonly requestId?: string;
  /** The client's IP address, as the declared proxies tell it. */
  readonly address?: string;
  /** Undefined for what no request asked for: a command, or the server by itself. */
  readonly http?: HttpRequest;
}

/** Who does something, and from where: what is written names its principal, and events name it all. */
export interface Actor extends Origin {
  readonly id: PrincipalId;
  readonly username: string;
  /** The UUID of the token that was shown; undefined for a command. */
  readonly tokenId?: string;
}

/** Whoever types commands where the server runs; no token is shown there. */
export const OPERATOR: Actor = {
  id: '6f6f7473-7472-4170-8000-000000000003' as PrincipalId,
  username: 'operator',
};

/** The server, in what it does without being asked: no token is shown for that either. */
export const SERVER: Actor = {
  id: '6f6f7473-7472-4170-8000-000000000004' as PrincipalId,
  username: 'certkeep',
};
