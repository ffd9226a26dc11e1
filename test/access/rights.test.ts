import { describe, expect, it } from 'vitest';
import { type Need, type Operation, requirementOf, rights } from '../../src/access/index.ts';

const operations = Object.keys(rights) as Operation[];
const needing = (kind: Need['kind']) => operations.filter((operation) => requirementOf(operation).kind === kind).sort();

/** What a line needs, in one word. */
function inWords(operation: Operation): string {
  const need = requirementOf(operation);
  switch (need.kind) {
    case 'held':
      return need.permission;
    case 'anything-visible':
      return `any ${need.view}`;
    case 'visible-target':
      return `${need.view}, ${need.permission}@`;
    default:
      return need.kind;
  }
}

describe('the table of rights', () => {
  it('leaves open these operations only', () => {
    expect(needing('public')).toEqual([
      'authentik.certificatekeypairs.detail.options',
      'authentik.certificatekeypairs.detail.other_method',
      'authentik.certificatekeypairs.used_by.options',
      'authentik.certificatekeypairs.used_by.other_method',
      'authentik.events.detail.options',
      'authentik.root.config',
      'authentik.root.config.options',
      'authentik.root.config.other_method',
      'authentik.schema',
      'authentik.schema.options',
      'authentik.schema.other_method',
      'strata.oauth2.jwks',
      'strata.oauth2.other_method',
      'strata.oauth2.token',
    ]);
  });

  it('asks for no right but a token where nothing is shown but what the path is', () => {
    const isDescription = /\.(options|other_method|other_action|version)$/;
    const shown = needing('authenticated').filter((operation) => !isDescription.test(operation));
    // Every caller sees its own tokens.
    expect(shown).toEqual(['authentik.core.tokens.list', 'authentik.core.tokens.retrieve']);
  });

  it('asks of the crypto API what contract §2.1 does', () => {
    const crypto = operations.filter((name) => /^authentik\.certificatekeypairs\.(?!.*\.options$)/.test(name));
    const needs = Object.fromEntries(crypto.map((name) => [name.split('.').slice(2).join('.'), inWords(name)]));
    const seen = 'view_certificatekeypair, ';
    expect(needs).toEqual({
      list: 'any view_certificatekeypair',
      create: 'add_certificatekeypair',
      generate: 'add_certificatekeypair',
      retrieve: `${seen}view_certificatekeypair@`,
      update: `${seen}change_certificatekeypair@`,
      partial_update: `${seen}change_certificatekeypair@`,
      destroy: `${seen}delete_certificatekeypair@`,
      view_certificate: `${seen}view_certificatekeypair_certificate@`,
      view_private_key: `${seen}view_certificatekeypair_key@`,
      used_by: `${seen}view_certificatekeypair@`,
      'list.other_method.put': 'change_certificatekeypair',
      'list.other_method.patch': 'change_certificatekeypair',
      'list.other_method.delete': 'delete_certificatekeypair',
      'list.other_method': 'authenticated',
      'detail.other_method': 'public',
      'generate.other_method': 'authenticated',
      'view_certificate.other_method': 'authenticated',
      'view_private_key.other_method': 'authenticated',
      'used_by.other_method': 'public',
    });
  });

  it('asks of Strata’s certificates for the certificate itself to be seen, and to be deleted for the right to do so', () => {
    const certificates = operations.filter((name) => /^strata\.certificates\.(?!other_)/.test(name));
    const needs = Object.fromEntries(certificates.map((name) => [name.split('.').at(-1), inWords(name)]));
    const view = 'view_certificatekeypair_certificate';
    expect(needs).toEqual({
      list: `any ${view}`,
      generate: 'add_certificatekeypair',
      import: 'add_certificatekeypair',
      retrieve: `${view}, ${view}@`,
      delete: `${view}, delete_certificatekeypair@`,
      export: `${view}, ${view}@`,
    });
  });

  it('asks of Astra’s certificates for the certificate itself to be seen, and for a right of its own to each change', () => {
    const certificates = operations.filter((name) => name.startsWith('astra.'));
    const needs = Object.fromEntries(
      certificates.map((name) => [name.replace('astra.certificates.', ''), inWords(name)]),
    );
    const view = 'view_certificatekeypair_certificate';
    expect(needs).toEqual({
      list: `any ${view}`,
      bundle: `any ${view}`,
      create: 'add_certificatekeypair',
      retrieve: `${view}, ${view}@`,
      update: `${view}, change_certificatekeypair@`,
      delete: `${view}, delete_certificatekeypair@`,
      other_method: 'authenticated',
    });
  });

  it('puts every operation into the realm that its name begins with, and each of a realm with tenants into one', () => {
    const scopes = { authentik: 'none', strata: 'token', astra: 'path' };
    for (const operation of operations) {
      const { realm, scope } = requirementOf(operation);
      expect([operation, realm]).toEqual([operation, operation.split('.')[0]]);
      expect([operation, scope]).toEqual([operation, scopes[realm]]);
    }
  });
});
