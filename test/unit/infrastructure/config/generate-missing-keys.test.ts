import { writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Logger } from '../../../../src/application/ports/logger.js';
import { generateMissingKeys } from '../../../../src/infrastructure/config/generate-missing-keys.js';
import { configured, hasher, scratch } from './config-fixture.js';

const HASH = '$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IGhlcmU$aGVyZSBpcyBhIGhhc2ggb2YgMzIgYnl0ZXMgLi4uLi4';

async function generated(config: object, meanwhile?: object) {
  await using folder = await scratch();
  const warnings: string[] = [];
  const quiet = () => undefined;
  const log: Logger = { error: quiet, info: quiet, debug: quiet, warn: (_, message) => warnings.push(message) };
  const { settings, file, path, text } = await configured(folder.path, config);
  if (meanwhile !== undefined) await writeFile(path, JSON.stringify(meanwhile));
  const keys = await generateMissingKeys(settings, file, hasher, async () => undefined, log);
  return { keys, warnings, stored: JSON.parse(await text()), settings };
}

describe('generateMissingKeys', () => {
  it('generates a key for each that needs one and has none, and for no other', async () => {
    const projects = [
      { id: 'a', 'x-mine': 1 },
      { id: 'open', authentication: { enabled: false } },
      { id: 'has', authentication: { api_key_hash: HASH } },
      { id: 'plain', authentication: { save_api_key_to_config: true } },
    ];
    const { keys, stored, settings } = await generated({ projects });
    expect(keys.map(({ project }) => project)).to.deep.equal([undefined, 'a', 'plain']);
    const [system, a, plain] = keys.map(({ secret }) => secret);
    expect(await hasher.verify(system ?? '', stored.system.authentication.api_key_hash)).to.equal(true);
    expect(await hasher.verify(a ?? '', stored.projects[0].authentication.api_key_hash)).to.equal(true);
    expect(stored.projects[0]).to.include({ id: 'a', 'x-mine': 1 });
    expect(stored.projects[0].authentication.api_key).to.equal(null);
    expect(stored.projects.slice(1, 3)).to.deep.equal(projects.slice(1, 3));
    expect(stored.projects[3].authentication.api_key).to.equal(plain);
    expect(settings.projects[0]?.authentication.api_key_hash).to.equal(stored.projects[0].authentication.api_key_hash);
  });

  it('keeps a key that was set by hand after the file was read', async () => {
    const projects = [{ id: 'a', authentication: { api_key: 'set by hand' } }];
    const config = { system: { authentication: { enabled: false } } };
    const { keys, stored } = await generated({ ...config, projects: [{ id: 'a' }] }, { ...config, projects });
    expect(keys).to.deep.equal([]);
    expect(stored.projects).to.deep.equal(projects);
  });

  it('generates none if the file cannot be changed, and warns for whom', async () => {
    const projects = [{ id: 'a' }, { id: 'b', authentication: { enabled: false } }];
    const { keys, warnings, settings } = await generated({ projects }, ['no configuration']);
    expect(keys).to.deep.equal([]);
    expect(warnings.join()).to.contain("for the system, project 'a'");
    expect(settings.system.authentication.api_key_hash ?? null).to.equal(null);
  });
});
