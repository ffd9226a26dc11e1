import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/cli/commands/command.ts';
import { ACTOR, aContainer, storePair } from '../../keypairs/support.ts';
import { openssl } from '../../support/openssl.ts';
import { AUTHENTIK, transferring } from './support/transfer.ts';

const { here, run, path, tree, stored, events } = transferring();
const pairOf = (index: number) => here.pairs[index] ?? { certificate: '', privateKey: '' };
const aDirectory = () => path(randomUUID());
const named = (...names: string[]) => names.map((name) => `--name=${name}`);

/** A pair in the store of the test, and its name. */
async function aPair(name: string = randomUUID(), fields: object = pairOf(0)) {
  await storePair(here.server, AUTHENTIK, { name, ...fields });
  return name;
}

const read = (...names: string[]) => readFile(join(...names), 'utf8');
const modeOf = async (...names: string[]) => ((await stat(join(...names))).mode & 0o777).toString(8);

describe('certkeep export', () => {
  it('writes each pair byte for byte for its owner alone, and tells of each view', async () => {
    const certificate = `\ufefftext in front\r\n${pairOf(0).certificate}`;
    const whole = await aPair(undefined, { certificate, privateKey: `${pairOf(0).privateKey}\n\n` });
    const alone = await aPair(undefined, { certificate: pairOf(1).certificate });
    const out = aDirectory();
    const mask = process.umask(0);
    expect(await run('export', out, ...named(whole, alone))).toEqual({
      code: 0,
      out: '2 exported, 1 of them with private key, 0 refused\n',
      error: '',
    });
    process.umask(mask);

    expect(await read(out, whole, 'fullchain.pem')).toBe(certificate);
    expect(await read(out, whole, 'privkey.pem')).toBe(`${pairOf(0).privateKey}\n\n`);
    expect(await readdir(join(out, alone))).toEqual(['fullchain.pem']);
    expect(await Promise.all([modeOf(out), modeOf(out, whole), modeOf(out, 'certkeep-export.jsonl')])).toEqual([
      '700',
      '700',
      '600',
    ]);
    expect(await Promise.all(['fullchain.pem', 'privkey.pem'].map((file) => modeOf(out, whole, file)))).toEqual([
      '600',
      '600',
    ]);
    expect(await events(whole)).toEqual([
      'tester model_created',
      'operator secret_view certificate',
      'operator secret_view private_key',
    ]);
    expect(await events(alone)).toEqual(['tester model_created', 'operator secret_view certificate']);
  });

  it('brings every name and every byte into another place by import', async () => {
    const part = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
      fc.constantFrom('/', '..', '\\', '%2F', 'ß'),
    );
    const aName = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
    const wanted = fc
      .sample(aName, 25)
      .map((name) => name.replaceAll('\0', ''))
      .concat(
        'x'.repeat(2048),
        'ä'.repeat(1024),
        'Case',
        'case',
        '.',
        '..',
        '../../etc',
        'a/../b',
        '\u202e\u0007',
        'certkeep-export.jsonl',
      )
      .filter((name) => name.trim() !== '');
    const names = [...new Set(wanted)];
    const text = (index: number) => `${'\n'.repeat(index % 3)}${pairOf(index % 2).certificate}${' '.repeat(index % 5)}`;
    for (const [index, name] of names.entries()) {
      const privateKey = index % 4 === 0 ? undefined : `${pairOf(index % 2).privateKey}${'\r\n'.repeat(index % 3)}`;
      await storePair(here.server, AUTHENTIK, { name, certificate: text(index), privateKey });
    }
    const before = await Promise.all(names.map((name) => stored(name)));
    const out = aDirectory();
    expect(await run('export', out, ...named(...names))).toMatchObject({ code: 0, error: '' });
    expect(await readdir(path())).not.toContain('etc');
    expect((await run('import', out)).out).toMatch(new RegExp(`^0 created, 0 updated, ${names.length} unchanged`));

    for (const keypair of before) {
      await here.server.keypairs.remove(ACTOR, AUTHENTIK, keypair?.id as never);
    }
    expect((await run('import', out)).code).toBe(0);
    const facts = ({ name, certificate, privateKey }: NonNullable<(typeof before)[number]>) => [
      name,
      certificate,
      privateKey,
    ];
    const after = await Promise.all(names.map((name) => stored(name)));
    expect(after.map((keypair) => keypair && facts(keypair))).toEqual(
      before.map((keypair) => keypair && facts(keypair)),
    );
  });

  it('reads no pair twice and leaves none out, of more than a page', async () => {
    const { keypairs } = here.server;
    const names = new Set(Array.from({ length: 7 }, (_, index) => `page ${index}`));
    for (const name of names) {
      await aPair(name);
    }
    const seen: string[] = [];
    for (let after = ''; ; ) {
      const page = await keypairs.listForExport(AUTHENTIK, { after, limit: 3, names: [...names] });
      seen.push(...page.map(({ name }) => name));
      if (page.length < 3) {
        break;
      }
      after = seen.at(-1) ?? '';
    }
    expect(seen).toEqual([...names]);
  });

  it('writes nothing over, unless it is told to, and then takes away a key that is gone', async () => {
    const name = await aPair();
    const out = await tree({ [`${name}/privkey.pem`]: 'mine' });
    expect(await run('export', out, ...named(name))).toMatchObject({
      code: 1,
      error: expect.stringMatching(/^refused .*is there already\n$/),
    });
    expect(await run('export', out, ...named(name))).toMatchObject({
      code: 1,
      out: '',
      error: expect.stringMatching(/--force\n$/),
    });
    expect(await readdir(join(out, name))).toEqual(['privkey.pem']);
    expect(await events(name)).toEqual(['tester model_created']);

    expect((await run('export', out, '--force', ...named(name))).code).toBe(0);
    expect(await read(out, name, 'privkey.pem')).toBe(pairOf(0).privateKey);
    // As one that was killed leaves it.
    await writeFile(join(out, name, `privkey.pem.${randomUUID()}.unfinished`), pairOf(0).privateKey);
    expect((await run('export', out, '--force', '--certificates-only', ...named(name))).code).toBe(0);
    expect(await readdir(join(out, name))).toEqual(['fullchain.pem']);
  });

  it('follows no link out of the directory', async () => {
    const name = await aPair();
    const outside = await tree({ file: 'mine' });
    const out = await tree({});
    await mkdir(out);
    await symlink(outside, join(out, name));
    expect((await run('export', out, '--force', ...named(name))).code).toBe(1);
    await rm(join(out, name));
    await mkdir(join(out, name));
    await symlink(join(outside, 'file'), join(out, name, 'privkey.pem'));
    expect((await run('export', out, '--force', ...named(name))).code).toBe(0);
    expect(await readdir(outside)).toEqual(['file']);
    expect(await read(outside, 'file')).toBe('mine');
    expect(await read(out, name, 'privkey.pem')).toBe(pairOf(0).privateKey);
  });

  it('ends with a sentence where the directory can not be written, or a name is nobody’s', async () => {
    const file = await tree({ file: '' });
    expect(await run('export', join(file, 'file'))).toMatchObject({
      code: 1,
      error: expect.stringMatching(/can not be written: (ENOTDIR|EEXIST)/),
    });
    expect(await run('export', aDirectory(), ...named('nobody'))).toMatchObject({
      code: 1,
      error: 'refused  nobody: there is no pair of this name\n',
    });
  });

  it('leaves every private key out with --certificates-only, also one in the text of a certificate', async () => {
    const { certificate, privateKey } = pairOf(0);
    const [inside, beside] = [await aPair(undefined, { certificate: certificate + privateKey }), await aPair()];
    const out = aDirectory();
    const { code, error } = await run('export', out, '--certificates-only', ...named(inside, beside));
    expect({ code, error }).toEqual({
      code: 1,
      error: expect.stringContaining(`${inside}: the text of its certificate holds`),
    });
    expect([await readdir(join(out, beside)), (await readdir(out)).includes(inside)]).toEqual([
      ['fullchain.pem'],
      false,
    ]);
    expect(await events(beside)).not.toContain('operator secret_view private_key');
  });

  it('leaves a key where it is that must not leave, and says so', async () => {
    const placement = aContainer();
    const name = randomUUID();
    const issuing = { signerId: null, privateKeyExportable: false };
    await storePair(here.server, placement, { name, ...pairOf(0) }, issuing);
    const out = aDirectory();
    expect(await run('export', out, '--realm', 'strata', '--scope', placement.scope)).toEqual({
      code: 0,
      out: '1 exported, 0 of them with private key, 0 refused\n',
      error: `without its private key, which must not leave: ${name}\n`,
    });
    expect(await readdir(join(out, name))).toEqual(['fullchain.pem']);
    await expect(run('import', out)).rejects.toThrow(UsageError);
  });

  it('does not export what is the server’s own', async () => {
    const name = randomUUID();
    const { draft } = await here.server.keypairs.draft(AUTHENTIK, { name, ...pairOf(0) });
    await here.server.keypairs.create(ACTOR, AUTHENTIK, draft as never, {
      managed: 'goauthentik.io/crypto/jwt-managed',
    });
    expect((await run('export', aDirectory(), ...named(name))).error).toContain('no pair of this name');
  });

  it('writes PKCS#12 that openssl opens by the passphrase, and import too', async () => {
    const name = await aPair();
    const out = aDirectory();
    const { certificate, privateKey } = pairOf(0);
    const file = join(await tree({ passphrase: 'long secret\nand what whoever keeps it has noted\n' }), 'passphrase');
    const pkcs12 = ['--format', 'pkcs12', '--passphrase-file', file];
    expect(await run('export', out, ...pkcs12, ...named(name))).toMatchObject({ code: 0, error: '' });

    const opened = openssl(['pkcs12', '-in', join(out, name, 'keypair.p12'), '-passin', `file:${file}`, '-nodes']);
    expect(opened).toContain(certificate.trim());
    expect(openssl(['pkey', '-pubout'], opened)).toBe(openssl(['pkey', '-pubout'], privateKey));
    expect(opened).toContain(`friendlyName: ${name}`);
    expect(await modeOf(out, name, 'keypair.p12')).toBe('600');
    expect((await run('import', out, '--passphrase-file', file)).code).toBe(0);
    expect(await stored(name)).toMatchObject({ certificate });
    await writeFile(file, '');
    await expect(run('export', aDirectory(), ...pkcs12)).rejects.toThrow(UsageError);
    await expect(run('export', aDirectory(), '--format', 'pkcs12')).rejects.toThrow(UsageError);
  });
});

describe('import of an export', () => {
  const HEADER = '{"format":"certkeep-export","version":1,"realm":"authentik","scope":""}';

  it.each([
    ['a folder elsewhere', '{"name":"x","folder":"..","certificate":"fullchain.pem"}', 'MANIFEST_MALFORMED'],
    ['a folder below another', '{"name":"x","folder":"a/b","certificate":"fullchain.pem"}', 'MANIFEST_MALFORMED'],
    ['another file', '{"name":"x","folder":"a","certificate":"/etc/passwd"}', 'MANIFEST_MALFORMED'],
    ['half a line', '{"name":"x","fol', 'MANIFEST_MALFORMED'],
    ['a line without end', `{"name":"${'x'.repeat(100_000)}`, 'MANIFEST_MALFORMED'],
    ['a file that is gone', '{"name":"x","folder":"a","certificate":"fullchain.pem"}', 'FILES_MISSING'],
  ])('refuses %s, and goes on behind it', async (_, line, code) => {
    const name = randomUUID();
    const good = `{"name":"${name}","folder":"good","certificate":"fullchain.pem"}`;
    const files = {
      'good/fullchain.pem': pairOf(0).certificate,
      'certkeep-export.jsonl': `${HEADER}\n${line}\n${good}\n`,
    };
    const { out } = await run('import', await tree(files), '--json');
    expect(JSON.parse(out).results).toEqual([
      expect.objectContaining({ outcome: 'refused', code }),
      expect.objectContaining({ outcome: 'created', name }),
    ]);
  });

  it('refuses a manifest of another version, whole', async () => {
    const root = await tree({
      'certkeep-export.jsonl': `${HEADER.replace('1', '2')}\n`,
      'a.pem': pairOf(0).certificate,
    });
    expect(await run('import', root)).toMatchObject({
      code: 1,
      out: '',
      error: expect.stringMatching(/not the manifest of an export that this version/),
    });
  });
});
