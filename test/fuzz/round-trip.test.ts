import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { engineNames } from '../../src/infrastructure/storage/engines/registry.js';
import { connect } from '../../src/interfaces/client/client.js';
import { open, type PortkvStore } from '../../src/library.js';
import { DocumentedRoutes } from '../api/documented/documented-routes.js';
import { onEveryEngine } from '../harness/on-every-engine.js';
import type { TestProject } from '../harness/test-project.js';
import { TestServer } from '../harness/test-server.js';
import { checkAsyncProperty, seeded } from './harness/properties.js';
import { plainTrips, roundTrip, roundTrips, UsedRows, type Ways } from './round-trip/check-round-trip.js';
import { commandReaders } from './round-trip/command-readers.js';
import { fileWriters } from './round-trip/file-writers.js';
import { passages } from './round-trip/passages.js';
import { routeReaders } from './round-trip/route-readers.js';
import { routeWriters } from './round-trip/route-writers.js';
import { withoutValues } from './round-trip/routes-without-values.js';
import { type ServerWorld, succeed } from './round-trip/server-world.js';
import { storeReaders } from './round-trip/store-readers.js';
import { type StoreWorld, storeWorld } from './round-trip/store-world.js';
import { storeWriters } from './round-trip/store-writers.js';

/** A failure names the entry that it is about: smaller inputs would say no more, and take minutes. */
const shrinks = false;

/** A type in a transaction is ASCII, in a program any line. */
const clientWriters = storeWriters(({ contentType }) => /^[ -~]+$/.test(contentType));
const libraryWriters = storeWriters(() => true);

const onServer: Ways<ServerWorld & StoreWorld> = {
  writers: [...routeWriters, ...fileWriters, ...clientWriters],
  passages,
  readers: [...routeReaders, ...commandReaders, ...storeReaders],
};
const inProgram: Ways<StoreWorld> = {
  writers: libraryWriters,
  passages: [{ name: 'nothing', routes: [], pass: async () => undefined }],
  readers: storeReaders,
};

onEveryEngine(seeded('Any bytes, type, expiry and metadata'), (on) => {
  let project: TestProject;
  let folder: string;
  before(async () => {
    project = await on.project({ limits: { strict_json: false } });
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('come back by every way out of a server, whatever way they went in', async () => {
    const used = new UsedRows();
    const store = connect({ url: on.server.address, project: project.id, key: project.key });
    await checkAsyncProperty(
      25,
      roundTrips(onServer),
      async (trip) => {
        await succeed({ project }, 'DELETE', 'store');
        const { since } = (await project.send('GET', 'changes?wait=0')).json.data;
        const world = { project, folder, since, ...storeWorld(store) };
        await roundTrip(world, trip, onServer, used);
      },
      { shrinks, examples: plainTrips(onServer) },
    );
    expect(used.missing([...onServer.writers, ...onServer.passages, ...onServer.readers])).to.deep.equal([]);
  });
});

for (const engine of engineNames) {
  describe(seeded(`Any bytes, type, expiry and metadata in a program, on engine ${engine}`), () => {
    let folder: string;
    let store: PortkvStore;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'portkv-'));
      store = await open({ path: folder, engine, limits: { strict_json: false } });
    });
    after(async () => {
      await store.close();
      await rm(folder, { recursive: true });
    });

    it('come back by every method and adapter', async () => {
      const used = new UsedRows();
      await checkAsyncProperty(
        200,
        roundTrips(inProgram),
        async (trip) => {
          await store.clear();
          await roundTrip(storeWorld(store), trip, inProgram, used);
        },
        { shrinks, examples: plainTrips(inProgram) },
      );
      expect(used.missing([...inProgram.writers, ...inProgram.readers])).to.deep.equal([]);
    });
  });
}

describe('Every route', () => {
  it('that takes or returns values has a row in the table of ways in and out', async () => {
    const server = await TestServer.start();
    const { all } = await DocumentedRoutes.of(server).finally(() => server.stop());
    const rows = [...onServer.writers, ...onServer.passages, ...onServer.readers].flatMap(({ routes }) => routes);
    const known = new Set([...rows, ...withoutValues]);
    const ids = all.map(({ operation }) => operation.operationId);
    expect(ids.filter((id) => !known.has(id))).to.deep.equal([]);
    expect([...known].filter((id) => !ids.includes(id))).to.deep.equal([]);
    expect(withoutValues.filter((id) => rows.includes(id))).to.deep.equal([]);
  });
});
