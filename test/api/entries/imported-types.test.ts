import { expect } from 'chai';
import { connect } from '../../../src/interfaces/client/client.js';
import { exportOf, imported } from '../../harness/export-content.js';
import { send } from '../../harness/http-client.js';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import { runHere } from '../../harness/portkv-here.js';

const TYPE = 'application/json; note=žluťoučký';
const LINE = JSON.stringify({ key: 'k', content_type: TYPE, json: { a: 1 } });

onEveryEngine('An entry with a content type that has characters beyond Latin-1', (on) => {
  it('is read on every route, its type in UTF-8', async () => {
    const project = await on.project({ dialects: ['unstorage'] });
    await imported(project, exportOf(LINE));
    const headers = { authorization: `Bearer ${project.key}` };
    const base = `/api/v1/projects/${project.id}`;
    for (const [method, path] of [
      ['GET', `${base}/values/k`],
      ['HEAD', `${base}/values/k`],
      ['GET', `${base}/values?key=k`],
      ['GET', `${base}/store/k/value`],
      ['GET', `/unstorage/${project.id}/k`],
    ] as const) {
      const { status, headers: got } = await send(on.server.address, method, path, { headers });
      const type = Buffer.from(String(got['content-type']), 'latin1').toString();
      expect([status, type], `${method} ${path}`).to.deep.equal([200, TYPE]);
    }
    expect((await project.send('GET', 'store/k')).json.data.content_type).to.equal(TYPE);
  });

  it('has that type for the client and in `portkv get --json`', async () => {
    const project = await on.project();
    await imported(project, exportOf(LINE));
    const [url, { id, key }] = [on.server.address, project];
    const found = await connect({ url, project: id, key }).get('k');
    expect([found?.contentType, found?.value]).to.deep.equal([TYPE, { a: 1 }]);
    const { out } = await runHere(['get', id, 'k', '--json', '--url', url, '--key', key]);
    expect(JSON.parse(out).content_type).to.equal(TYPE);
  });
});
