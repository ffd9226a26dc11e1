// By file and not by package: the packages' own index loads the types of authentik's whole API.
import { CryptoApi as CryptoApi2024 } from 'goauthentik-api-2024/dist/apis/CryptoApi.js';
import { EventsApi as EventsApi2024 } from 'goauthentik-api-2024/dist/apis/EventsApi.js';
import { RootApi as RootApi2024 } from 'goauthentik-api-2024/dist/apis/RootApi.js';
import { SchemaApi as SchemaApi2024 } from 'goauthentik-api-2024/dist/apis/SchemaApi.js';
import type { CertificateKeyPair as CertificateKeyPair2024 } from 'goauthentik-api-2024/dist/models/CertificateKeyPair.js';
import {
  BaseAPI as BaseApi2024,
  Configuration as Configuration2024,
  ResponseError as ResponseError2024,
} from 'goauthentik-api-2024/dist/runtime.js';
import { CryptoApi as CryptoApi2026 } from 'goauthentik-api-2026/dist/apis/CryptoApi.js';
import { EventsApi as EventsApi2026 } from 'goauthentik-api-2026/dist/apis/EventsApi.js';
import { RootApi as RootApi2026 } from 'goauthentik-api-2026/dist/apis/RootApi.js';
import { SchemaApi as SchemaApi2026 } from 'goauthentik-api-2026/dist/apis/SchemaApi.js';
import type { CertificateKeyPair as CertificateKeyPair2026 } from 'goauthentik-api-2026/dist/models/CertificateKeyPair.js';
import {
  BaseAPI as BaseApi2026,
  Configuration as Configuration2026,
  ResponseError as ResponseError2026,
} from 'goauthentik-api-2026/dist/runtime.js';
import type { TestServer } from '../../support/server.ts';

export type { CertificateKeyPair2024, CertificateKeyPair2026, CryptoApi2024, CryptoApi2026 };

type Helper = 'withMiddleware' | 'withPreMiddleware' | 'withPostMiddleware' | `${string}Raw` | `${string}RequestOpts`;

/** The operations that both releases offer; a test compares them with what the classes really have. */
export type Operation = Exclude<keyof CryptoApi2024 & keyof CryptoApi2026, Helper>;

/** What the tests need of a release's client, where both releases agree. */
export interface Client {
  readonly crypto: CryptoApi2024 | CryptoApi2026;
  readonly events: EventsApi2024 | EventsApi2026;
  readonly root: RootApi2024 | RootApi2026;
  readonly schema: SchemaApi2024 | SchemaApi2026;
}

/** The client of 2026.8.3 for a server; without a token where that is the empty text. */
export function connect2026(server: TestServer, accessToken = server.token) {
  const configuration = new Configuration2026({ basePath: `${server.url}/api/v3`, accessToken });
  return {
    crypto: new CryptoApi2026(configuration),
    events: new EventsApi2026(configuration),
    root: new RootApi2026(configuration),
    schema: new SchemaApi2026(configuration),
  } satisfies Client;
}

/** The client of 2024.8.3 for a server; without a token where that is the empty text. */
export function connect2024(server: TestServer, accessToken = server.token) {
  const configuration = new Configuration2024({ basePath: `${server.url}/api/v3`, accessToken });
  return {
    crypto: new CryptoApi2024(configuration),
    events: new EventsApi2024(configuration),
    root: new RootApi2024(configuration),
    schema: new SchemaApi2024(configuration),
  } satisfies Client;
}

export interface Release {
  readonly connect: (server: TestServer, accessToken?: string) => Client;
  readonly ResponseError: typeof ResponseError2024 | typeof ResponseError2026;
  /** The methods of the class that send a request and give its decoded answer. */
  readonly operations: readonly string[];
}

/** Rows of `describe.each`: the name of the release, and what tests need of it. */
export const RELEASES: readonly (readonly [string, Release])[] = [
  [
    '2026.8.3',
    {
      connect: connect2026,
      ResponseError: ResponseError2026,
      operations: operationsOf(CryptoApi2026, BaseApi2026),
    },
  ],
  [
    '2024.8.3',
    {
      connect: connect2024,
      ResponseError: ResponseError2024,
      operations: operationsOf(CryptoApi2024, BaseApi2024),
    },
  ],
];

/** The type of key that a pair shows, by the name that it has in the release: of the certificate in 2026, of the private key in 2024. */
export function keyTypeOf(pair: CertificateKeyPair2024 | CertificateKeyPair2026): string | null {
  return 'keyType' in pair ? pair.keyType : pair.privateKeyType;
}

function operationsOf(api: { readonly prototype: object }, base: { readonly prototype: object }): string[] {
  const inherited = new Set(Object.getOwnPropertyNames(base.prototype));
  return Object.getOwnPropertyNames(api.prototype)
    .filter((name) => !inherited.has(name) && !/(?:Raw|RequestOpts)$/.test(name))
    .sort();
}
