import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { inspectProject } from '../../src/infrastructure/storage/inspect-project.js';
import { TestServer } from '../harness/test-server.js';
import { missingPostgres, type PostgresServer, startPostgres } from './postgres-server.js';

const reason = await missingPostgres();

describe(`A project on PostgreSQL${reason === undefined ? '' : `, skipped: ${reason}`}`, () => {
  let server: TestServer;
  let postgres: PostgresServer;
  let url: string;
  before(async function () {
    if (reason !== undefined) this.skip();
    postgres = await startPostgres();
    ({ url } = postgres);
    server = await TestServer.start();
  });
  after(async () => {
    await server?.stop();
    await postgres?.remove();
  });

  it('loses no acknowledged increment while the server is killed and comes back, and goes on by itself', async () => {
    const key = await server.project('counted', { storage: { engine: 'postgres', options: { url } } });
    let [done, refused, stopped] = [0, 0, false];
    let unknown = 0;
    const add = async () => {
      while (!stopped) {
        const { status, json } = await server.call('POST', 'counted/store/n/increment', { key, body: '{"by":1}' });
        if (status === 200) done += 1;
        else if (json?.error?.code === 'outcome_unknown') unknown += 1;
        else {
          expect(status).to.equal(503);
          refused += 1;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    };
    const adding = Promise.all(Array.from({ length: 4 }, add));
    const until = async (met: () => boolean) => {
      while (!met()) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    for (let round = 0; round < 2; round++) {
      const before = done;
      await until(() => done >= before + 50);
      const refusedBefore = refused;
      await postgres.stop('immediate');
      await until(() => refused > refusedBefore);
      await postgres.start();
    }
    const before = done;
    await until(() => done >= before + 50);
    stopped = true;
    await adding;
    const { text } = await server.call('GET', 'counted/values/n', { key });
    expect(Number(text)).to.be.within(done, done + unknown);
    console.log(`        ${done} increments, ${unknown} of unknown outcome, ${refused} refused`);
  }).timeout(120_000);

  it('leaves nothing on the server once it is deleted', async () => {
    await server.project('short', { storage: { engine: 'postgres', options: { url } } });
    const stores = async () => postgres.sql("SELECT count(*) FROM portkv.stores WHERE project = 'short'");
    expect(await stores()).to.equal('1\n');
    const { status } = await server.call('DELETE', 'short', { key: server.systemKey });
    expect(status).to.be.below(300);
    expect(await stores()).to.equal('0\n');
  });

  it('takes a URL with a password from a variable or a file only, and shows it nowhere', async () => {
    const secret = 'postgres://portkv:hidden-word@127.0.0.1:1/postgres';
    const create = async (options: object) => {
      const body = JSON.stringify({ id: 'secret', storage: { engine: 'postgres', options } });
      return server.call('POST', '/api/v1/projects', { key: server.systemKey, body });
    };
    for (const options of [
      { url: secret },
      {},
      { url, url_env: 'X' },
      { url: 'postgres://h/d?password=hidden-word' },
    ]) {
      const { status, text } = await create(options);
      expect(status, text).to.be.within(400, 422);
      expect(text).to.include('storage.options.url').and.not.include('hidden-word');
    }
    const file = join(server.folder, 'postgres.url');
    await writeFile(file, `${secret}\n`);
    const { status, text } = await create({ url_file: file, timeout: 1 });
    expect(status, text).to.equal(503);
    expect(text).to.include('ECONNREFUSED').and.not.include('hidden-word');
  });

  it('lets only the system key say which server', async () => {
    const key = await server.project('own', { storage: { engine: 'memory' } });
    for (const options of [{ url }, { url_env: 'HOME' }, { url_file: '/etc/passwd' }, { schema: 'public' }]) {
      const body = JSON.stringify({ storage: { engine: 'postgres', options } });
      const { status, text } = await server.call('PUT', 'own', { key, body });
      expect(status, text).to.equal(403);
    }
  });

  it('names an unsafe setting of the server to the doctor, and that the server cannot be reached', async () => {
    await server.project('checked', { storage: { engine: 'postgres', options: { url } } });
    const project = { id: 'checked', storage: { engine: 'postgres' } } as never;
    const inspect = () => inspectProject(project, join(server.folder, 'storage_data'), undefined as never);
    expect((await inspect()).notes.join()).to.include('survives a crash of the server, as long as its disk is whole');
    await postgres.stop('fast');
    await postgres.start({ synchronous_commit: 'off' });
    expect((await inspect()).problems.join()).to.include('synchronous_commit is off');
    await postgres.stop('fast');
    expect((await inspect()).problems.join()).to.include('ECONNREFUSED');
    await postgres.start();
  });

  it('opens a project once its server is there, without a restart', async () => {
    const key = await server.project('late', { storage: { engine: 'postgres', options: { url, timeout: 1 } } });
    expect((await server.call('PUT', 'late/values/a', { key, body: 'x' })).status).to.equal(201);
    await server.restart(() => postgres.stop('fast'));
    expect((await server.call('GET', 'late/values/a', { key })).status).to.equal(503);
    await postgres.start();
    for (;;) {
      const { status, text } = await server.call('GET', 'late/values/a', { key });
      if (status === 200) {
        expect(text).to.equal('x');
        return;
      }
      expect(status).to.equal(503);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
});
