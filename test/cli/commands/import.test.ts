import { randomUUID } from 'node:crypto';
import { symlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/cli/commands/command.ts';
import { ACTOR, aContainer } from '../../keypairs/support.ts';
import { openssl, opensslPair } from '../../support/openssl.ts';
import { AUTHENTIK, transferring } from './support/transfer.ts';

const { here, run, path, tree, stored, events } = transferring();
const aName = () => `pair ${randomUUID()}`;
const pairOf = (index: number) => here.pairs[index] ?? { certificate: '', privateKey: '' };

/** A PKCS#12 file without a passphrase, of a pair under that name. */
async function writePkcs12(pair: { certificate: string; privateKey: string }, file: string, name: string) {
  const root = await tree({ c: pair.certificate, k: pair.privateKey });
  const input = ['-in', `${root}/c`, '-inkey', `${root}/k`];
  openssl(['pkcs12', '-export', '-passout', 'pass:', ...input, '-out', file, '-name', name]);
}

/** The options for a pair, whose files it writes. */
async function pem(name: string, files: { certificate?: string; privateKey?: string }) {
  const { certificate = pairOf(0).certificate, privateKey } = files;
  const root = await tree({ certificate, ...(privateKey === undefined ? {} : { key: privateKey }) });
  const key = privateKey === undefined ? [] : ['--private-key', `${root}/key`];
  return ['--name', name, '--certificate', `${root}/certificate`, ...key];
}

describe('certkeep import of a pair', () => {
  it('stores it byte for byte under its name, then leaves it alone, and renews it where the files are others', async () => {
    const name = aName();
    const first = pairOf(0);
    const certificate = `text in front\r\n${first.certificate}\n\n`;
    const parameters = await pem(name, { certificate, privateKey: first.privateKey });

    expect(await run('import', ...parameters)).toMatchObject({ code: 0, error: '' });
    expect(await stored(name)).toMatchObject({ certificate, privateKey: first.privateKey, managed: null });
    expect((await run('import', ...parameters)).out).toBe(
      '0 created, 0 updated, 1 unchanged, 0 refused, 0 passed over\n',
    );
    expect(await events(name)).toEqual(['operator model_created']);

    const { certificate: renewed } = pairOf(1);
    expect((await run('import', ...(await pem(name, { certificate: renewed })))).out).toMatch(/^updated {2}pair/);
    expect(await stored(name)).toMatchObject({ certificate: renewed, privateKey: first.privateKey });
    expect(await events(name)).toEqual(['operator model_created', 'operator model_updated']);
  });

  it.each([
    ['a certificate that is none', { certificate: 'none' }, /the certificate can not be read/],
    ['a private key that is none', { privateKey: 'none' }, /the private key can not be read/],
    ['an empty key, which would take the stored one away', { privateKey: '\n' }, /private key is empty/],
    ['U+0000', { certificate: 'a\0b' }, /U\+0000/],
  ])('refuses %s with exit code 1, and stores nothing', async (_, files, message) => {
    const name = aName();
    const { code, out, error } = await run('import', ...(await pem(name, files)));
    expect({ code, error }).toEqual({ code: 1, error: expect.stringMatching(message) });
    expect(out).toBe('0 created, 0 updated, 0 unchanged, 1 refused, 0 passed over\n');
    expect(await stored(name)).toBeUndefined();
  });

  it('refuses an encrypted key, a blank name, one that is too long, a file that is not there, too large or no UTF-8', async () => {
    const encrypted = openssl(['pkey', '-aes256', '-passout', 'pass:secret'], pairOf(0).privateKey);
    const refused = async (message: RegExp, parameters: string[]) =>
      expect(await run('import', ...parameters)).toMatchObject({ code: 1, error: expect.stringMatching(message) });

    await refused(/possibly encrypted/, await pem(aName(), { privateKey: encrypted }));
    await refused(/blank/, await pem(' ', {}));
    await refused(/more than 2048 bytes/, await pem('ä'.repeat(1025), {}));
    await refused(/ENOENT/, ['--name', aName(), '--certificate', path('nowhere')]);
    await refused(/EISDIR/, ['--name', aName(), '--certificate', path()]);
    await refused(/more than 1048576 bytes/, await pem(aName(), { certificate: 'x'.repeat(1 << 21) }));
    const latin1 = await tree({ file: Buffer.from('\xe4', 'latin1') });
    await refused(/not UTF-8/, ['--name', aName(), '--certificate', `${latin1}/file`]);
  });

  it('leaves a pair alone that somebody else keeps, unless it is the same already', async () => {
    const [discovered, own] = [aName(), aName()];
    const { certificate } = pairOf(0);
    const { draft } = await here.server.keypairs.draft(AUTHENTIK, { certificate });
    for (const [name, managed] of [
      [discovered, `goauthentik.io/crypto/discovered/${discovered}`],
      [own, 'goauthentik.io/crypto/jwt-managed'],
    ] as const) {
      await here.server.keypairs.create(ACTOR, AUTHENTIK, { ...draft, name } as never, { managed });
    }
    const other = pairOf(1).certificate;
    expect(await run('import', ...(await pem(discovered, { certificate: other })))).toMatchObject({
      code: 1,
      error: expect.stringContaining('kept by discovery'),
    });
    expect((await run('import', ...(await pem(own, { certificate: other })))).error).toContain('the server itself');
    expect((await run('import', ...(await pem(discovered, { certificate })))).code).toBe(0);
    expect(await stored(discovered)).toMatchObject({ certificate });
  });

  it.each([
    [[]],
    [['DIR', '--name', 'x']],
    [['DIR', '--pkcs12', 'x']],
    [['--certificate', 'x']],
    [['--name', 'x', '--private-key', 'y']],
    [['--name', 'x', '--certificate', '-', '--private-key', '-']],
    [['--pkcs12', '-', '--passphrase-file', '-']],
    [['--name', 'x', '--certificate', 'y', '--passphrase-file', 'z']],
    [['DIR', '--realm', 'astra']],
    [['DIR', '--realm', 'strata']],
    [['DIR', '--realm', 'strata', '--scope', '1/folder:a/b']],
    [['DIR', '--scope', 'x']],
  ])('shows how it is called after %j', async (parameters) => {
    await expect(run('import', ...parameters)).rejects.toThrow(UsageError);
  });
});

describe('certkeep import of PKCS#12', () => {
  const P12 = ['pkcs12', '-export', '-passout', 'pass:long secret'];
  async function archive(file: string, ...options: string[]) {
    const root = await tree({
      'c.pem': pairOf(0).certificate,
      'k.pem': pairOf(0).privateKey,
      passphrase: 'long secret\n',
    });
    openssl([...P12, '-in', `${root}/c.pem`, '-inkey', `${root}/k.pem`, '-out', `${root}/${file}`, ...options]);
    return { file: `${root}/${file}`, passphrase: ['--passphrase-file', `${root}/passphrase`] };
  }
  const spki = (pemText: string) => openssl(['pkey', '-pubout'], pemText);

  it('stores what openssl wrote, under the name that is given, else the friendly one, else the common one', async () => {
    const name = aName();
    const named = await archive('file.p12', '-name', name);
    expect(await run('import', '--pkcs12', named.file, ...named.passphrase)).toMatchObject({ code: 0, error: '' });
    const { certificate, privateKey } = (await stored(name)) ?? {};
    expect(certificate).toBe(pairOf(0).certificate);
    expect(spki(privateKey ?? '')).toBe(spki(pairOf(0).privateKey));

    const nameless = await archive('file.p12');
    const given = aName();
    await run('import', '--pkcs12', nameless.file, ...nameless.passphrase, '--name', given);
    expect(await stored(given)).toMatchObject({ certificate });
    await run('import', '--pkcs12', nameless.file, ...nameless.passphrase);
    expect(await stored('one.example')).toMatchObject({ certificate });
  });

  it('refuses another passphrase, none, and what is no such file', async () => {
    const { file } = await archive('file.p12');
    const root = await tree({ wrong: 'wrong', 'none.p12': 'none' });
    const wrong = await run('import', '--pkcs12', file, '--passphrase-file', `${root}/wrong`);
    expect(wrong).toMatchObject({ code: 1, error: expect.stringContaining('the passphrase does not open it') });
    expect((await run('import', '--pkcs12', file)).error).toContain('the passphrase does not open it');
    expect((await run('import', '--pkcs12', `${root}/none.p12`)).code).toBe(1);
  });
});

describe('certkeep import of a directory', () => {
  it('takes in what discovery would, and PKCS#12, tells of each, and looks first with --dry-run', async () => {
    const [first, second] = [pairOf(0), pairOf(1)];
    const [folder, own, broken, archived] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const root = await tree({
      [`${folder}/fullchain.pem`]: first.certificate,
      [`${folder}/privkey.pem`]: first.privateKey,
      [`deep/er/${own}.pem`]: second.certificate,
      [`deep/er/${own}.key`]: second.privateKey,
      [`${broken}.pem`]: `${first.certificate.slice(0, 200)}\n-----END CERTIFICATE-----\n`,
      'archive/old.pem': first.certificate,
      README: 'nothing',
    });
    await writePkcs12(first, `${root}/${archived}.p12`, archived);
    await symlink(`${root}/deep`, `${root}/deep/er/circle`);

    const report = async (...options: string[]) => {
      const { code, out, error } = await run('import', root, '--json', ...options);
      expect({ code, lines: error.split('\n').at(-2) }).toEqual({
        code: 1,
        lines: expect.stringMatching(/^4 of 4 pairs/),
      });
      return JSON.parse(out);
    };
    const expected = {
      created: 3,
      updated: 0,
      unchanged: 0,
      refused: 1,
      passed_over: [`${root}/README`],
      complete: true,
    };
    expect(await report('--dry-run')).toMatchObject({ ...expected, dry_run: true });
    for (const name of [folder, own, archived]) {
      expect([await stored(name), await events(name)]).toEqual([undefined, []]);
    }

    const { results, ...counts } = await report();
    expect(counts).toEqual({ ...expected, dry_run: false });
    expect(results).toContainEqual({ path: `${root}/${folder}/fullchain.pem`, name: folder, outcome: 'created' });
    expect(results).toContainEqual({
      path: `${root}/${broken}.pem`,
      name: broken,
      outcome: 'refused',
      code: 'NOT_A_CERTIFICATE',
      reason: expect.stringContaining('the certificate can not be read'),
    });
    expect(await stored(folder)).toMatchObject(first);
    expect(await stored(own)).toMatchObject(second);
    expect(await report()).toMatchObject({ created: 0, unchanged: 3, refused: 1 });
    expect(await events(own)).toEqual(['operator model_created']);
  });

  it('refuses a name that an earlier file of it has, which two runs would write over each other', async () => {
    const name = randomUUID();
    const root = await tree({ [`a/${name}.pem`]: pairOf(0).certificate });
    await writePkcs12(pairOf(1), `${root}/z.pfx`, name);
    const { code, error } = await run('import', root);
    expect({ code, error }).toEqual({
      code: 1,
      error: expect.stringContaining(`z.pfx: ${root}/a/${name}.pem was imported`),
    });
    expect(await stored(name)).toMatchObject({ certificate: pairOf(0).certificate });
  });

  it('says where there is none', async () => {
    expect(await run('import', path('nowhere'))).toEqual({
      code: 1,
      out: '',
      error: expect.stringContaining('ENOENT'),
    });
  });
});

describe('certkeep import into Strata', () => {
  it('stores under the rules of its API, and lets no certificate take the place of another', async () => {
    const placement = aContainer();
    const place = ['--realm', 'strata', '--scope', placement.scope];
    const [first, second] = [pairOf(0), pairOf(1)];
    const name = randomUUID();
    const import_ = async (files: { certificate: string; privateKey?: string }, given: string = name) =>
      run('import', ...(await pem(given, files)), ...place);

    expect((await import_({ certificate: first.certificate, privateKey: second.privateKey })).error).toContain(
      'not that of',
    );
    expect((await import_({ certificate: first.certificate + first.privateKey })).error).toContain(
      'nothing but certificates',
    );
    expect((await import_(first, 'x'.repeat(64))).error).toContain('at most 63 characters');
    const weak = opensslPair('weak.example', ['-newkey', 'rsa:1024']);
    expect((await import_(weak)).error).toMatch(/its key .*RSA/);
    expect(await import_(first)).toMatchObject({ code: 0, error: '' });
    expect(await stored(name, placement)).toMatchObject(first);
    expect((await import_(first)).out).toContain('1 unchanged');
    expect(await import_(second)).toMatchObject({
      code: 1,
      error: expect.stringContaining('another certificate has this name'),
    });
    expect(await stored(name)).toBeUndefined();
  });
});
