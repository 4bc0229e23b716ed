import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConfigFile } from '../../../../src/infrastructure/config/config-file.js';
import { writeFirstConfig } from '../../../../src/infrastructure/config/first-config.js';
import { configured, failure, hasher, scratch } from './config-fixture.js';

describe('writeFirstConfig', () => {
  it('writes a valid, private configuration with the hashes of the keys that it returns and not the keys', async () => {
    await using folder = await scratch();
    const file = new ConfigFile(join(folder.path, 'new', 'config.json'));
    const keys = await writeFirstConfig(file, hasher);
    expect((await stat(file.path)).mode & 0o777).to.equal(0o600);
    expect((await stat(join(folder.path, 'new'))).mode & 0o777).to.equal(0o700);

    const { credentials, projects, text, settings } = await configured(folder.path, JSON.stringify(await file.read()));
    expect(settings).to.deep.include({ server_host: '127.0.0.1', server_port: 23849 });
    expect(projects.list().map(({ id }) => id)).to.deep.equal(['first_project']);
    for (const [owner, secret] of [
      [undefined, keys.system],
      [keys.projectId, keys.project],
    ]) {
      const credential = credentials.primaryOf(owner);
      expect(credential?.keyId).to.equal(hasher.keyIdOf(secret ?? ''));
      expect(await hasher.verify(secret ?? '', credential?.hash ?? '')).to.equal(true);
      expect(credentials.required(owner)).to.equal(true);
      expect(await text()).not.to.include(secret);
    }
  });

  it('never replaces a file', async () => {
    await using folder = await scratch();
    const { file, text } = await configured(folder.path, '{}');
    expect((await failure('unavailable', writeFirstConfig(file, hasher))).message).to.include('there is one already');
    expect(await text()).to.equal('{}');
    expect(await readdir(folder.path)).to.deep.equal(['config.json']);
  });
});
