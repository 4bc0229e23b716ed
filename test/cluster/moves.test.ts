import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { TestServer } from '../harness/test-server.js';
import { differences, runWorkload } from '../slow/moves/move-workload.js';
import { move } from './moves.js';
import { missingPostgres, type PostgresServer, startPostgres } from './postgres-server.js';

const reason = await missingPostgres();

const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

describe(`A project that moves to PostgreSQL and back under load${skipped}`, () => {
  let server: TestServer;
  let postgres: PostgresServer | undefined;
  before(async function () {
    if (reason !== undefined) this.skip();
    postgres = await startPostgres();
    server = await TestServer.start();
    await writeFile(join(server.folder, 'test.keys'), `${randomBytes(32).toString('base64')}\n`);
  });
  after(async () => {
    await server?.stop();
    await postgres?.remove();
  });

  const encryption = { key_file: 'test.keys' };
  for (const [engine, storage] of [
    ['memory', {}],
    ['lmdb', { encryption }],
    ['json-file', {}],
  ] as const) {
    it(`fails no request and loses nothing: ${engine}${'encryption' in storage ? ', encrypted' : ''}`, async () => {
      const project = `from_${engine}`;
      const key = await server.project(project, { storage: { engine, ...storage } });
      let [moved, rounds, moves] = [false, 0, 0];
      const loading = runWorkload(server, project, key, () => {
        rounds += 1;
        return moved;
      });
      const remote = { engine: 'postgres', options: { url: postgres?.url } };
      for (; moves < 3 || rounds < 100; moves++) {
        await move(server, project, moves % 2 === 0 ? remote : { engine, options: {} });
      }
      if (moves % 2 === 0) await move(server, project, remote);
      moved = true;
      const result = await loading;
      expect(result.failures.slice(0, 5)).to.deep.equal([]);
      expect(await differences(server, project, key, result)).to.deep.equal([]);
      const before = await contentOf(server, project, key);
      await server.restart();
      expect(await contentOf(server, project, key)).to.equal(before);
      console.log(`        ${moves} moves, ${result.requests} requests`);
    }).timeout(120_000);
  }

  it('leaves nothing on the server once the project is deleted', async () => {
    await server.project('short', { storage: { engine: 'postgres', options: { url: postgres?.url } } });
    const tables = async () => postgres?.sql("SELECT count(*) FROM portkv.stores WHERE project = 'short'");
    expect(await tables()).to.equal('1\n');
    const { status } = await server.call('DELETE', 'short', { key: server.systemKey });
    expect(status).to.be.below(300);
    expect(await tables()).to.equal('0\n');
  });
});

async function contentOf(server: TestServer, project: string, key: string): Promise<string> {
  const { status, text } = await server.call('GET', `${project}/export`, { key });
  expect(status).to.equal(200);
  // What expires soon may be gone, and the first and the last line have the time.
  const lines = text.trimEnd().split('\n').slice(1, -1);
  return lines.filter((line) => !line.includes('"short-')).join('\n');
}
