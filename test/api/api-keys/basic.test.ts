import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { generateKey } from '../../../src/infrastructure/security/generated-key.js';
import { TestServer } from '../../harness/test-server.js';

describe('Authorization: Basic', () => {
  let now = Date.now();
  let server: TestServer;
  before(async () => {
    server = await TestServer.start({ now: () => now });
  });
  after(() => server.stop());

  const basic = (user: string, secret: string) => `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
  const ask = (method: string, path: string, authorization: string) =>
    server.call(method, path, { headers: { authorization }, ...(method === 'PUT' ? { body: '1' } : {}) });

  it('has the key as password, on every route, and any user name', async () => {
    for (const user of ['', 'first_project', 'another project', 'jürgen']) {
      expect((await ask('PUT', 'first_project/store/k', basic(user, server.projectKey))).status, user).to.equal(200);
      expect((await ask('GET', '/status', basic(user, server.systemKey))).status, user).to.equal(200);
      expect((await ask('GET', '/status', basic(user, server.projectKey))).json.error.required_scope).to.equal(
        'system',
      );
    }
  });

  it('is refused in the same words as Bearer, also if a project is hidden', async () => {
    const secrets = [generateKey().secret, 'pkv_', ''];
    for (const discoverable of [true, false]) {
      await server.configure({ security: { project_discoverable: discoverable } });
      for (const path of ['first_project/store/k', 'nowhere/store/k', '/status']) {
        for (const secret of secrets) {
          now += 61_000;
          const [one, other] = [
            await ask('GET', path, basic('user', secret)),
            await ask('GET', path, `Bearer ${secret}`),
          ];
          expect([one.status, one.text, one.headers.get('www-authenticate')], `${path} ${secret}`).to.deep.equal([
            other.status,
            other.text,
            other.headers.get('www-authenticate'),
          ]);
        }
      }
    }
    await server.configure({ security: { project_discoverable: true } });
  });

  it('counts wrong keys together with those of Bearer, whatever their user names', async () => {
    now += 61_000;
    const statuses = [];
    for (let i = 0; i < 12; i++) {
      const secret = `wrong-secret-${i}`;
      const authorization = i % 2 === 0 ? `Bearer ${secret}` : basic(`user${i}`, secret);
      statuses.push((await ask('GET', 'first_project/store/k', authorization)).status);
    }
    expect(statuses).to.deep.equal([...Array<number>(10).fill(401), 429, 429]);
    now += 61_000;
  });

  it('is in the audit log by the id of its key, without user name and secret', async () => {
    const wrong = generateKey().secret;
    await ask('DELETE', 'nowhere', basic('SECRETUSER', server.systemKey));
    await ask('DELETE', 'first_project', basic('SECRETUSER', wrong));
    await ask('DELETE', 'first_project', basic('SECRETUSER', 'SECRETPASSWORD'));
    const path = join(server.folder, 'storage_data', 'audit.portkv.ndjson');
    let text = '';
    const expected = [server.systemKey.slice(4, 12), `claims to be ${wrong.slice(4, 12)}`, 'an unknown key'];
    while (!expected.every((part) => text.includes(part))) {
      text = await readFile(path, 'utf8');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const hidden of ['SECRET', server.systemKey.slice(13), wrong.slice(13)]) expect(text).not.to.include(hidden);
    expect(text).not.to.include(Buffer.from('SECRETUSER').toString('base64').slice(0, 12));
  });
});
