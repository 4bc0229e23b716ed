import { expect } from 'chai';
import { SCOPES, type Scope } from '../../../src/domain/api-key.js';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import { TestProject } from '../../harness/test-project.js';

const PUT = 'store/k?return=old';

onEveryEngine('A write with return=old', (on) => {
  it('returns the entry that it replaced or deleted, or null', async () => {
    const project = await on.project();
    expect((await project.send('PUT', PUT, { body: '1' })).json.data).to.equal(null);
    const version = String((await project.get('k')).headers.etag).slice(1, -1);
    const replaced = await project.send('PUT', `${PUT}&ttl=100`, { body: 'text' });
    expect(replaced.json.data).to.deep.include({ value: 1, encoding: 'json', version });
    expect(replaced.json.data).not.to.have.property('expires_at');
    expect((await project.send('PUT', 'store/k', { body: '2' })).json.data).to.equal(null);
    const { status, json } = await project.send('DELETE', PUT);
    expect([status, json.data.value]).to.deep.equal([200, 2]);
    const missing = await project.send('DELETE', PUT);
    expect([missing.status, missing.json.error.code]).to.deep.equal([404, 'not_found']);
    const results = (
      await project.run({
        operations: [
          { put: { key: 'k', text: 'x', return: 'old' } },
          { delete: { key: 'none', return: 'old' } },
          { put: { key: 'other', text: 'y' } },
        ],
      })
    ).json.data.results;
    expect(results[0]).to.have.property('old', null);
    expect(results[1]).to.deep.equal({ existed: false, old: null });
    expect(results[2]).not.to.have.property('old');
  });

  it('shows the value exactly, in the form that is asked for', async () => {
    const project = await on.project();
    const values = { text: 'q', quoted: '"q"', digits: '1.0', bytes: Buffer.from([0, 255]) };
    for (const [name, value] of Object.entries(values)) {
      for (const as of ['auto', 'text', 'base64']) {
        const headers = { 'content-type': name === 'digits' ? 'application/json' : 'text/plain' };
        await project.send('PUT', 'store/k', { body: value, headers });
        const byRoute = await project.send('PUT', `${PUT}&as=${as}`, { body: value, headers });
        const byDelete = await project.send('DELETE', `${PUT}&as=${as}`);
        await project.send('PUT', 'store/k', { body: value, headers });
        const operations = [{ delete: { key: 'k', return: 'old', as } }];
        const { text } = await project.run({ operations });
        const expected = shown(Buffer.from(value), name, as);
        for (const body of [byRoute.text, byDelete.text, text]) expect(body, `${name} as ${as}`).to.contain(expected);
      }
    }
    const { data } = (await project.send('PUT', `${PUT}`, { body: 'x' })).json;
    expect(data).to.equal(null);
  });

  it('returns no entry that has expired', async () => {
    const project = await on.project();
    await project.put('k', 'x', {}, '?ttl=10');
    on.clock.shift += 10_000;
    expect((await project.send('PUT', PUT, { body: '1' })).json.data).to.equal(null);
  });

  it('gives each of many rivals another entry', async () => {
    const project = await on.project();
    await project.put('k', '0');
    const bodies = Array.from({ length: 40 }, (_, i) => String(i + 1));
    const put = await Promise.all(bodies.map((body) => project.send('PUT', PUT, { body })));
    const last = Number((await project.get('k')).text);
    const old = put.map(({ json }) => json.data.value as number);
    expect([...old, last].sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 41 }, (_, i) => i));
    const deleted = await Promise.all(bodies.map(() => project.send('DELETE', PUT)));
    expect(deleted.filter(({ status }) => status === 200)).to.have.length(1);
  });

  it('keeps its conditions, and returns nothing if one does not hold', async () => {
    const project = await on.project();
    await project.put('k', 'secret');
    const headers = { 'if-none-match': '*' };
    const { status, text } = await project.send('PUT', PUT, { body: '1', headers });
    expect(status).to.equal(412);
    expect(text).not.to.contain('secret');
  });

  it('is refused to a key that may not read, and changes nothing then', async () => {
    const project = await on.project();
    await project.put('k', 'secret');
    const as = async (scopes: readonly Scope[]) => {
      const body = JSON.stringify({ name: 'test', scopes });
      const { json } = await project.send('POST', 'api-keys', { body });
      return new TestProject(project.server, project.id, json.data.key);
    };
    const blind = await as(SCOPES.filter((scope) => scope !== 'read'));
    const refused = [
      await blind.send('PUT', PUT, { body: 'new' }),
      await blind.send('DELETE', PUT),
      await blind.run({ operations: [{ put: { key: 'k', text: 'new', return: 'old' } }] }),
      await blind.run({ operations: [{ delete: { key: 'k', return: 'old' } }] }),
      await blind.run({ operations: [{ delete: { key: 'k', return: 'old' } }], sequential: true }),
    ];
    for (const { status, json, text } of refused) {
      expect([status, json.error.required_scope]).to.deep.equal([403, 'read']);
      expect(text).not.to.contain('secret');
    }
    expect((await project.get('k')).text).to.equal('secret');
    expect((await (await as(['read', 'write'])).send('PUT', PUT, { body: 'new' })).json.data.value).to.equal('secret');
    expect((await (await as(['read', 'delete'])).send('DELETE', PUT)).json.data.value).to.equal('new');
  });

  it('is refused with another word than old, which is named', async () => {
    const project = await on.project();
    for (const query of ['return=new', 'return=', 'return=old&return=old']) {
      const { status, json } = await project.send('PUT', `store/k?${query}`, { body: '1' });
      expect([status, json.error.parameter], query).to.deep.equal([400, 'return']);
    }
    expect((await project.get('k')).status).to.equal(404);
  });
});

/** The members of an item that show its value; of these, only the digits are stored as JSON. */
function shown(value: Buffer, name: string, as: string): string {
  if (as === 'base64' || name === 'bytes') return `"value":"${value.toString('base64')}"`;
  if (as === 'auto' && name === 'digits') return '"value":1.0';
  return `"value":${JSON.stringify(value.toString())}`;
}
