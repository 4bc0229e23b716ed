import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { localEngineNames } from '../../src/infrastructure/storage/engines/registry.js';
import { connect } from '../../src/interfaces/client/client.js';
import { open, type PortkvStore } from '../../src/library.js';
import { onEveryEngine } from '../harness/on-every-engine.js';
import type { TestProject } from '../harness/test-project.js';
import { checkAsyncProperty, seeded } from './harness/properties.js';
import { plainTrips, roundTrip, roundTrips, UsedRows } from './round-trip/check-round-trip.js';
import { succeed } from './round-trip/server-world.js';
import { storeWorld } from './round-trip/store-world.js';
import { DIALECTS, inProgram, onServer } from './round-trip/ways.js';

/** A failure names the entry that it is about: smaller inputs would say no more, and take minutes. */
const shrinks = false;

onEveryEngine(seeded('Any bytes, type, expiry and metadata'), (on) => {
  let project: TestProject;
  let folder: string;
  before(async () => {
    project = await on.project({ limits: { strict_json: false }, dialects: DIALECTS });
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('come back by every way out of a server, whatever way they went in', async () => {
    const used = new UsedRows();
    const store = connect({ url: on.server.address, project: project.id, key: project.key });
    await checkAsyncProperty(
      2,
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

for (const engine of localEngineNames) {
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
        20,
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
