import { writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { SCOPES } from '../../../../src/domain/api-key.js';
import { configured, failure, hasher, scratch } from './config-fixture.js';

const OLD_HASH = `pbkdf2_sha256$200000$${'s'.repeat(22)}$${'h'.repeat(43)}`;

describe('ConfiguredCredentials', () => {
  it('gives the system key only administration, and the key of a project all rights', async () => {
    await using folder = await scratch();
    const authentication = { api_key_hash: OLD_HASH };
    const { credentials } = await configured(folder.path, {
      system: { authentication: { ...authentication, api_key_id: 'systemid' } },
      projects: [
        { id: 'a', authentication },
        { id: 'open', authentication: { enabled: false } },
      ],
    });
    expect(credentials.byKeyId('systemid')).to.deep.include({ project: undefined, primary: true, scopes: ['admin'] });
    expect(credentials.primaryOf('a')).to.deep.include({
      project: 'a',
      keyId: undefined,
      scopes: SCOPES,
      hash: OLD_HASH,
    });
    expect([undefined, 'a', 'open', 'unknown'].map((project) => credentials.required(project))).to.deep.equal([
      true,
      true,
      false,
      true,
    ]);
  });

  it('replaces a key on disk, removes the old one at once and reports it as revoked', async () => {
    await using folder = await scratch();
    const { credentials, projects, text } = await configured(folder.path, '{}');
    const revoked: (string | undefined)[] = [];
    credentials.onRevoked(({ keyId }) => revoked.push(keyId));
    const keys = [await hasher.newKey(), await hasher.newKey(), await hasher.newKey()] as const;
    await projects.create('a', {}, keys[0]);
    await credentials.replacePrimary('a', keys[1]);
    await credentials.replacePrimary(undefined, keys[2]);
    expect(credentials.byKeyId(keys[0].keyId)).to.equal(undefined);
    expect(credentials.byKeyId(keys[1].keyId)?.hash).to.equal(keys[1].hash);
    expect(credentials.primaryOf(undefined)?.keyId).to.equal(keys[2].keyId);
    const again = await configured(folder.path, await text());
    expect(again.credentials.primaryOf('a')).to.deep.equal(credentials.primaryOf('a'));
    expect(again.credentials.primaryOf(undefined)).to.deep.equal(credentials.primaryOf(undefined));
    await projects.remove('a');
    expect(credentials.byKeyId(keys[1].keyId)).to.equal(undefined);
    expect(revoked).to.deep.equal([keys[0].keyId, keys[1].keyId]);
    await failure('not_found', credentials.replacePrimary('a', keys[0]));
  });

  it('stores a stronger hash, unless the key was changed meanwhile', async () => {
    await using folder = await scratch();
    const config = (hash: string) => ({ projects: [{ id: 'a', authentication: { api_key_hash: hash } }] });
    const { credentials, text, path } = await configured(folder.path, config(OLD_HASH));
    const before = credentials.primaryOf('a');
    if (before === undefined) throw new Error('no key');
    const hash = await hasher.hash('secret');
    await credentials.upgradeHash(before, hash);
    expect(credentials.primaryOf('a')).to.deep.equal({ ...before, hash });
    expect(JSON.parse(await text())).to.deep.equal(config(hash));

    const stored = await text();
    await credentials.upgradeHash(before, await hasher.hash('secret'));
    expect(await text()).to.equal(stored);

    const byHand = JSON.stringify(config(OLD_HASH));
    await writeFile(path, byHand);
    const upgraded = credentials.primaryOf('a') ?? before;
    await credentials.upgradeHash(upgraded, await hasher.hash('secret'));
    expect(credentials.primaryOf('a')?.hash).to.equal(hash);
    expect(await text()).to.equal(byHand);
  });
});
