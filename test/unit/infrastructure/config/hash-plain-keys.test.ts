import { writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { hashPlainKeys } from '../../../../src/infrastructure/config/hash-plain-keys.js';
import { configured, hasher, scratch, unwritable } from './config-fixture.js';

const PLAIN = 'a-key-set-by-hand';
const PBKDF2 = 'pbkdf2_sha256$200000$TXqKaSk6qXJpHbG40R0TQQ$36Sgrp8RBzGPvd39twCd2rUVjU8-TJhdNpHgz51tF90';

const configOf = (authentication: object) => ({
  system: { authentication: { enabled: false } },
  projects: [{ id: 'a', authentication }],
});

async function hashed(authentication: object) {
  await using folder = await scratch();
  const { settings, file, text } = await configured(folder.path, configOf(authentication));
  const warnings = await hashPlainKeys(settings, file, hasher);
  return { warnings, stored: JSON.parse(await text()).projects[0].authentication, settings };
}

describe('hashPlainKeys', () => {
  it('hashes a key that was set by hand and removes its plain text', async () => {
    const { stored, settings, warnings } = await hashed({ api_key: PLAIN });
    expect(stored.api_key).to.equal(null);
    expect(await hasher.verify(PLAIN, stored.api_key_hash)).to.equal(true);
    expect(settings.projects[0]?.authentication.api_key_hash).to.equal(stored.api_key_hash);
    expect(warnings).to.deep.equal([]);
  });

  it('keeps the plain text if the settings ask for it, and the file if there is nothing to change', async () => {
    const authentication = { save_api_key_to_config: true, api_key: PLAIN };
    const first = await hashed(authentication);
    expect(first.stored).to.deep.include(authentication);
    expect(await hasher.verify(PLAIN, first.stored.api_key_hash)).to.equal(true);
    expect((await hashed(first.stored)).stored).to.deep.equal(first.stored);
  });

  it('prefers a plain key that was changed by hand to the hash and the id beside it', async () => {
    const { keyId, hash } = await hasher.newKey();
    const { stored } = await hashed({ api_key: PLAIN, api_key_hash: hash, api_key_id: keyId });
    expect(await hasher.verify(PLAIN, stored.api_key_hash)).to.equal(true);
    expect(stored.api_key_id).to.equal(null);
  });

  it('accepts a generated key that was set by hand, with its id', async () => {
    const { keyId, secret } = await hasher.newKey();
    const { stored } = await hashed({ api_key: secret });
    expect(stored).to.deep.include({ api_key: null, api_key_id: keyId });
    expect(await hasher.verify(secret, stored.api_key_hash)).to.equal(true);
  });

  it("replaces Simple-PyKV's hash of a key that it saved", async () => {
    const api_key = 'AXOKMeokXYxYX9viacQKp8QRJUlGOzSAvs6VNasQLMQ';
    const { stored } = await hashed({ save_api_key_to_config: true, api_key, api_key_hash: PBKDF2 });
    expect(stored.api_key).to.equal(api_key);
    expect(stored.api_key_hash).to.match(/^\$argon2id\$/);
    expect(await hasher.verify(api_key, stored.api_key_hash)).to.equal(true);
  });

  it('keeps a key that was set by hand after the file was read', async () => {
    await using folder = await scratch();
    const { settings, file, path, text } = await configured(folder.path, {
      projects: [{ id: 'a', authentication: { api_key: PLAIN } }],
    });
    const byHand = '{"projects": [{"id": "a", "authentication": {"api_key": "another"}}]}';
    await writeFile(path, byHand);
    expect(await hashPlainKeys(settings, file, hasher)).to.deep.equal([]);
    expect(await text()).to.equal(byHand);
  });

  it('warns if the file cannot be written, and the key works', async () => {
    await using folder = await scratch();
    const { settings, file } = await unwritable(folder.path, configOf({ api_key: PLAIN }));
    const warnings = await hashPlainKeys(settings, file, hasher);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.match(/cannot write .*ENAMETOOLONG.*: keys set by hand work/);
    expect(await hasher.verify(PLAIN, settings.projects[0]?.authentication.api_key_hash ?? '')).to.equal(true);
  });
});
