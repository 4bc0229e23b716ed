import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { onEveryEngine } from '../harness/on-every-engine.js';
import { DURABLE_ENGINES } from './harness/server-folder.js';
import { HOUR, setClock, YEAR } from './harness/set-clock.js';

const encryption = { key_file: 'test.keys' };

onEveryEngine('A clock that is set', (on) => {
  before(() => writeFile(join(on.server.folder, 'test.keys'), randomBytes(32).toString('base64'), { mode: 0o600 }));

  for (const how of ['plain', 'encrypted']) {
    const storage = { engine: on.name, ...(how === 'encrypted' ? { encryption } : {}) };

    it(`back an hour and forward a year repeats no version, ${how}`, async () => {
      const project = await on.project({ storage });
      expect(await setClock(project, on.clock, on.durable)).to.deep.equal([]);
    }).timeout(60_000);

    it(`back keeps entries, and forward hides those that have expired, ${how}`, async () => {
      const project = await on.project({ storage });
      on.clock.shift = 0;
      await project.put('short', 'x', {}, '?ttl=600');
      on.clock.shift = -HOUR;
      expect((await project.get('short')).status).to.equal(200);
      on.clock.shift = YEAR;
      expect((await project.get('short')).status).to.equal(404);
      on.clock.shift = 0;
    });
  }

  if (!on.durable) return;
  it('repeats no version through changes of engine and of encryption', async () => {
    const others = DURABLE_ENGINES.filter((engine) => engine !== on.name);
    const storages = [...others, on.name].flatMap((engine) => [
      { engine, encryption },
      { engine, encryption: null },
    ]);
    const project = await on.project();
    expect(await setClock(project, on.clock, on.durable, storages)).to.deep.equal([]);
  }).timeout(60_000);
});
