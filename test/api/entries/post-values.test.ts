import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import { TestProject } from '../../harness/test-project.js';

onEveryEngine('A POST to one entry', (on) => {
  it('stores a value as PUT does, with the same response', async () => {
    const project = await on.project();
    const key = encodeURIComponent('a/b é');
    for (const [path, first, again] of [
      [`values/${key}`, 201, 204],
      [`values?key=${key}`, 204, 204],
      [`store/${key}`, 200, 200],
    ] as const) {
      for (const expected of [first, again]) {
        const { status, headers } = await project.send('POST', path, { body: 'x', headers: { 'content-type': 'a/b' } });
        expect(status, path).to.equal(expected);
        const stored = await project.get('a/b é');
        expect([stored.text, stored.headers['content-type'], stored.headers.etag]).to.deep.equal([
          'x',
          'a/b',
          headers.etag,
        ]);
      }
    }
    const { json } = await project.send('POST', `store/${key}?return=old&ttl=10`, { body: '{"n":1}' });
    expect(json.data.value).to.equal('x');
    expect(json.message).to.equal(`Key 'a/b é' set successfully in project '${project.id}' store`);
    const { headers } = await project.get('a/b é');
    expect(headers['content-type']).to.equal('application/json');
    expect(Number(headers['kv-expires'])).to.be.above(0);
  });

  it('has the conditions of PUT', async () => {
    const project = await on.project();
    const rivals = Array.from({ length: 20 }, (_, i) =>
      project.send('POST', 'values/k', { body: String(i), headers: { 'if-none-match': '*' } }),
    );
    const statuses = (await Promise.all(rivals)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).to.have.length(1);
    expect(statuses.filter((status) => status === 412)).to.have.length(19);
    expect((await project.send('POST', 'store/k', { body: '1', headers: { 'if-match': '"0"' } })).status).to.equal(412);
  });

  it('needs the scope write, and stays within the prefix of a key', async () => {
    const project = await on.project();
    const as = async (grant: object) => {
      const { json } = await project.send('POST', 'api-keys', { body: JSON.stringify({ name: 'test', ...grant }) });
      return new TestProject(project.server, project.id, json.data.key);
    };
    const [writer, reader] = [await as({ scopes: ['write'], prefix: 'iot/' }), await as({ scopes: ['read'] })];
    expect((await writer.send('POST', 'values/iot/1', { body: '1' })).status).to.equal(201);
    expect((await writer.send('POST', 'values/other', { body: '1' })).status).to.equal(403);
    expect((await reader.send('POST', 'values/iot/1', { body: '1' })).status).to.equal(403);
  });

  it('leaves the routes below an entry as they are, and is listed in Allow', async () => {
    const project = await on.project();
    expect((await project.send('POST', 'store/n/increment')).json.data.value).to.equal(1);
    expect((await project.send('POST', 'store/n/value', { body: '1' })).status).to.equal(405);
    for (const path of ['store/n', 'values/n', 'values?key=n']) {
      const { status, headers } = await project.send('TRACE', path);
      expect([status, headers.allow], path).to.deep.equal([405, 'GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS']);
    }
    const empty = await project.send('POST', 'store/n', { body: '' });
    expect([empty.status, (await project.get('n')).text]).to.deep.equal([400, '1']);
  });
});
