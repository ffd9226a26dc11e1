import type { Permission } from './permission.ts';
import type { RealmName } from './reach.ts';

/** Where a request says which tenant of its realm it is about: its token may be bound to one. `none` in a realm without tenants. */
export type ScopeSource = 'none' | 'token' | 'path';

/** What a caller needs. */
export type Need =
  /** Nothing, not even a token. */
  | { readonly kind: 'public' }
  /** A token, whatever it may do. */
  | { readonly kind: 'authenticated' }
  /** The permission on everything; held on single pairs it gives nothing. */
  | { readonly kind: 'held'; readonly permission: Permission }
  /** To see any pair at all: `view` on everything, or on a pair that is there. Only what is seen is shown. */
  | { readonly kind: 'anything-visible'; readonly view: Permission }
  /** To see the pair that the path names, and the permission on it. */
  | { readonly kind: 'visible-target'; readonly view: Permission; readonly permission: Permission };

export type Requirement = Need & { readonly realm: RealmName; readonly scope: ScopeSource };

const AUTHENTIK = { realm: 'authentik', scope: 'none' } as const;
const VIEW = 'view_certificatekeypair';

const everybody: Requirement = { ...AUTHENTIK, kind: 'public' };
const authenticated: Requirement = { ...AUTHENTIK, kind: 'authenticated' };
const visiblePairs: Requirement = { ...AUTHENTIK, kind: 'anything-visible', view: VIEW };
const held = (permission: Permission): Requirement => ({ ...AUTHENTIK, kind: 'held', permission });
const onPair = (permission: Permission): Requirement => ({
  ...AUTHENTIK,
  kind: 'visible-target',
  view: VIEW,
  permission,
});

/** These APIs show the certificate with all else of it: who may not see the one does not see the other. */
const VIEW_CERTIFICATE = 'view_certificatekeypair_certificate';

/** What APIs need whose callers speak for a tenant. */
const inTenantsOf = (where: Pick<Requirement, 'realm' | 'scope'>) =>
  ({
    everybody: { ...where, kind: 'public' },
    authenticated: { ...where, kind: 'authenticated' },
    visibleCertificates: { ...where, kind: 'anything-visible', view: VIEW_CERTIFICATE },
    held: (permission: Permission): Requirement => ({ ...where, kind: 'held', permission }),
    onCertificate: (permission: Permission): Requirement => ({
      ...where,
      kind: 'visible-target',
      view: VIEW_CERTIFICATE,
      permission,
    }),
  }) as const satisfies Record<string, Requirement | ((permission: Permission) => Requirement)>;

const inStrata = inTenantsOf({ realm: 'strata', scope: 'token' });
const inAstra = inTenantsOf({ realm: 'astra', scope: 'path' });

/**
 * Every operation of every dialect, and what it needs (contract §2.1). A route without a line here does not register, and whoever holds
 * nothing may do nothing (docs/decisions/0012-one-table-of-rights.md).
 *
 * Each path of a dialect has `.options`, and `.other_method` for the methods that it lacks; a line for one of these alone ends with its
 * name (`.other_method.put`).
 */
export const rights = {
  'authentik.certificatekeypairs.list': visiblePairs,
  'authentik.certificatekeypairs.create': held('add_certificatekeypair'),
  'authentik.certificatekeypairs.generate': held('add_certificatekeypair'),
  'authentik.certificatekeypairs.retrieve': onPair(VIEW),
  'authentik.certificatekeypairs.update': onPair('change_certificatekeypair'),
  'authentik.certificatekeypairs.partial_update': onPair('change_certificatekeypair'),
  'authentik.certificatekeypairs.destroy': onPair('delete_certificatekeypair'),
  // Of a text that holds a private key too, `view_certificatekeypair_key` is needed besides: what is read tells.
  'authentik.certificatekeypairs.view_certificate': onPair('view_certificatekeypair_certificate'),
  'authentik.certificatekeypairs.view_private_key': onPair('view_certificatekeypair_key'),
  'authentik.certificatekeypairs.used_by': onPair(VIEW),
  'authentik.certificatekeypairs.list.options': authenticated,
  // Rule 7: here the original decides by the right to what the method would do, though the path lacks it.
  'authentik.certificatekeypairs.list.other_method.put': held('change_certificatekeypair'),
  'authentik.certificatekeypairs.list.other_method.patch': held('change_certificatekeypair'),
  'authentik.certificatekeypairs.list.other_method.delete': held('delete_certificatekeypair'),
  'authentik.certificatekeypairs.list.other_method': authenticated,
  'authentik.certificatekeypairs.detail.options': everybody,
  'authentik.certificatekeypairs.detail.other_method': everybody,
  'authentik.certificatekeypairs.generate.options': authenticated,
  'authentik.certificatekeypairs.generate.other_method': authenticated,
  'authentik.certificatekeypairs.view_certificate.options': authenticated,
  'authentik.certificatekeypairs.view_certificate.other_method': authenticated,
  'authentik.certificatekeypairs.view_private_key.options': authenticated,
  'authentik.certificatekeypairs.view_private_key.other_method': authenticated,
  // Not recorded of a caller without a token; but whoever may not see a pair is answered here as on its own path.
  'authentik.certificatekeypairs.used_by.options': everybody,
  'authentik.certificatekeypairs.used_by.other_method': everybody,
  // Every caller sees its own tokens; those of others need `view_token`, which the list and the look-up ask for.
  'authentik.core.tokens.list': authenticated,
  'authentik.core.tokens.retrieve': authenticated,
  'authentik.core.tokens.create': held('add_token'),
  'authentik.core.tokens.update': held('change_token'),
  'authentik.core.tokens.partial_update': held('change_token'),
  'authentik.core.tokens.destroy': held('delete_token'),
  'authentik.core.tokens.list.options': authenticated,
  'authentik.core.tokens.list.other_method': authenticated,
  'authentik.core.tokens.detail.options': authenticated,
  'authentik.core.tokens.detail.other_method': authenticated,
  'authentik.events.list': held('view_event'),
  'authentik.events.retrieve': held('view_event'),
  'authentik.events.list.options': authenticated,
  // The original lets those who hold rights on events change them; here nobody is.
  'authentik.events.list.other_method': authenticated,
  'authentik.events.detail.options': everybody,
  'authentik.events.detail.other_method': authenticated,
  'authentik.root.config': everybody,
  'authentik.root.config.options': everybody,
  'authentik.root.config.other_method': everybody,
  'authentik.schema': everybody,
  'authentik.schema.options': everybody,
  'authentik.schema.other_method': everybody,
  'strata.certificates.list': inStrata.visibleCertificates,
  // Signing by a stored CA asks besides that the caller sees that one.
  'strata.certificates.generate': inStrata.held('add_certificatekeypair'),
  'strata.certificates.import': inStrata.held('add_certificatekeypair'),
  'strata.certificates.retrieve': inStrata.onCertificate(VIEW_CERTIFICATE),
  'strata.certificates.delete': inStrata.onCertificate('delete_certificatekeypair'),
  // Of a format that holds the private key, `view_certificatekeypair_key` is needed besides: the body tells.
  'strata.certificates.export': inStrata.onCertificate(VIEW_CERTIFICATE),
  // 501 and 405 say nothing but that there is no such method and no such action.
  'strata.certificates.other_method': inStrata.authenticated,
  'strata.certificates.other_action': inStrata.authenticated,
  'strata.version': inStrata.authenticated,
  'strata.oauth2.token': inStrata.everybody,
  'strata.oauth2.jwks': inStrata.everybody,
  'strata.oauth2.other_method': inStrata.everybody,
  'astra.certificates.list': inAstra.visibleCertificates,
  'astra.certificates.bundle': inAstra.visibleCertificates,
  'astra.certificates.create': inAstra.held('add_certificatekeypair'),
  'astra.certificates.retrieve': inAstra.onCertificate(VIEW_CERTIFICATE),
  'astra.certificates.update': inAstra.onCertificate('change_certificatekeypair'),
  'astra.certificates.delete': inAstra.onCertificate('delete_certificatekeypair'),
  // 405 says nothing but that there is no such method.
  'astra.certificates.other_method': inAstra.authenticated,
} as const satisfies Readonly<Record<string, Requirement>>;

export type Operation = keyof typeof rights;

/** What an operation needs. */
export function requirementOf(operation: Operation): Requirement {
  return rights[operation];
}
