import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { CommitRefusedError } from '../../src/domain/errors.js';
import { engineNamed, remoteEngineNames } from '../../src/infrastructure/storage/engines/registry.js';
import { entry } from '../contract/store-fixture.js';
import { TestServer } from '../harness/test-server.js';
import { differences, runWorkload } from '../slow/moves/move-workload.js';
import { REMOTE_ENGINES, type RemoteServer } from './remote-engines.js';

const nothing = () => undefined;

for (const name of remoteEngineNames) {
  const reason = await REMOTE_ENGINES[name].missing();
  const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

  describe(`A project that moves to ${name} and back under load${skipped}`, () => {
    let server: TestServer;
    let remoteServer: RemoteServer | undefined;
    before(async function () {
      if (reason !== undefined) this.skip();
      remoteServer = await REMOTE_ENGINES[name].start();
      server = await TestServer.start();
      await writeFile(join(server.folder, 'test.keys'), `${randomBytes(32).toString('base64')}\n`);
    });
    after(async () => {
      await server?.stop();
      await remoteServer?.remove();
    });

    it('lets a node that slept commit nothing to what was left, until the move is undone', async () => {
      const storage = { engine: name, options: remoteServer?.options };
      const key = await server.project('left', { storage });
      const put = (value: string) => server.call('PUT', 'left/values/a', { key, body: value });
      expect((await put('1')).status).to.equal(201);
      const engine = await engineNamed(name);
      const location = { project: 'left', generation: 1, folder: join(server.folder, 'storage_data') };
      const options = Object.assign(new engine.Options(), remoteServer?.options);
      const log = { error: nothing, warn: nothing, info: nothing, debug: nothing };
      const sleeper = await engine.open(location, options, log);
      try {
        const batch = { put: [entry('late', 'x')] };
        await move(server, 'left', { engine: 'memory', options: {} });
        const refusal = await Promise.resolve(sleeper.commit(batch)).catch((error: unknown) => error);
        expect(refusal).to.be.instanceOf(CommitRefusedError);
        const { json } = await server.call('GET', 'left/migrations', { key });
        const undone = await server.call('POST', `left/migrations/${json.data.at(-1).id}/rollback`, { key });
        expect(undone.status, undone.text).to.equal(200);
        expect(await sleeper.commit(batch)).to.equal(true);
        expect((await put('2')).status).to.equal(204);
        expect((await server.call('GET', 'left/values/late', { key })).text).to.equal('x');
      } finally {
        await sleeper.close();
      }
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
        const remote = { engine: name, options: remoteServer?.options };
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
  });
}

/** Migrates a project, and waits for the end. */
async function move(server: TestServer, project: string, storage: object): Promise<void> {
  const begun = await server.call('PUT', project, { key: server.systemKey, body: JSON.stringify({ storage }) });
  expect(begun.status, begun.text).to.equal(202);
  for (;;) {
    const { json } = await server.call('GET', begun.headers.get('location') ?? '', { key: server.systemKey });
    if (json.data.state === 'done') return;
    expect(json.data.state, JSON.stringify(json.data)).to.equal('copying');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function contentOf(server: TestServer, project: string, key: string): Promise<string> {
  const { status, text } = await server.call('GET', `${project}/export`, { key });
  expect(status).to.equal(200);
  // What expires soon may be gone, and the first and the last line have the time.
  const lines = text.trimEnd().split('\n').slice(1, -1);
  return lines.filter((line) => !line.includes('"short-')).join('\n');
}
