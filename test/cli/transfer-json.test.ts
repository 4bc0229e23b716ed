import { join } from 'node:path';
import { expect } from 'chai';
import { onlyLine, runHere } from '../harness/portkv-here.js';
import { TestServer } from '../harness/test-server.js';

describe('portkv export and import with --json', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  const run = (...args: string[]) => runHere(args, { PORTKV_URL: server.address, PORTKV_KEY: server.projectKey });

  it('print what they did on standard output', async () => {
    for (const key of ['a', 'b'])
      await server.call('PUT', `first_project/values/${key}`, { key: server.projectKey, body: key });
    const file = join(server.folder, 'out.ndjson');
    const exported = await run('export', 'first_project', file, '--json');
    expect(exported.code).to.equal(0);
    expect(JSON.parse(exported.out)).to.deep.equal({ file, format: 'ndjson', count: 2, breaks: 0 });
    const counts = { count: 2, put: 0, unchanged: 2, expired: 0 };
    const merged = await run('import', 'first_project', file, '--json');
    expect(JSON.parse(merged.out)).to.deep.equal({ file, format: 'ndjson', ...counts });
    const replaced = await run('import', 'first_project', file, '--mode', 'replace', '--json');
    expect(JSON.parse(replaced.out)).to.deep.include({ file, format: 'ndjson', count: 2, put: 2, removed: 0 });
  });

  it('refuses to print it into the export itself', async () => {
    const result = await run('export', 'first_project', '--json');
    expect([result.code, result.out]).to.deep.equal([2, '']);
    expect(onlyLine(result)).to.equal('--json needs a file: without one, standard output is the export');
  });
});
