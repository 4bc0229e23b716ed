import { expect } from 'chai';
import { TestServer } from '../harness/test-server.js';
import type { Size } from './harness/console-browser.js';
import { picture } from './harness/picture.js';
import { openView } from './harness/project-view.js';

const ROOMS = ['fern-house', 'nursery', 'palm-house'];

describe('A greenhouse in the console, for the pictures of README.md,', () => {
  let server: TestServer;
  let keys: Record<string, string>;

  before(async () => {
    server = await TestServer.start();
    keys = { greenhouse: await server.project('greenhouse', { storage: { engine: 'json-file' } }) };
    const operations = ROOMS.flatMap((room, at) => [
      entry(`${room}/plan`, { waterings: ['06:30', '18:00'], light_hours: 11.5, keeper: 'Ines' }),
      ...Array.from({ length: 48 }, (_, i) =>
        entry(`${room}/readings/2026-05-${String(1 + (i >> 1)).padStart(2, '0')}T${i % 2 ? '18' : '06'}`, {
          celsius: 21 + at + (i % 5) / 2,
          humidity: 60 + ((i * 7) % 23),
        }),
      ),
    ]);
    operations.push(entry('alarms', { limit_celsius: 31, notify: ['ines@example.org', 'jo@example.org'] }));
    await transact(operations);
  });

  after(() => server.stop());

  const entry = (key: string, json: object) => ({ put: { key, json } });

  async function transact(operations: readonly object[]): Promise<void> {
    const body = JSON.stringify({ operations });
    const { status, text } = await server.call('POST', 'greenhouse/transactions', { key: keys.greenhouse, body });
    expect(status, text).to.equal(200);
  }

  const open = (path: string, size: Size = 'wide') => openView(server, path, { size, projects: keys });

  it('shows an entry among its keys', async () => {
    const tab = await open('projects/greenhouse/keys?key=palm-house/plan');
    await tab.page.getByText('"keeper": "Ines"').waitFor();
    await tab.page.getByRole('treeitem', { name: /^palm-house\// }).click();
    await tab.page.getByRole('treeitem', { name: /^readings\/.*48/ }).waitFor();
    await tab.page.mouse.move(900, 700);
    await picture(tab, 'console-keys');
    await tab.close();
  });

  it('shows what changes, on a telephone', async () => {
    const tab = await open('projects/greenhouse/live', 'narrow');
    await tab.page.getByText('Connected', { exact: true }).waitFor();
    for (const room of ROOMS) await transact([entry(`${room}/plan`, { waterings: ['07:00'] })]);
    await transact([entry('nursery/seedlings', { trays: 12 }), { delete: { key: 'alarms' } }]);
    await transact(ROOMS.map((room) => entry(`${room}/readings/2026-05-25T06`, { celsius: 22.5, humidity: 71 })));
    await tab.page.getByText('palm-house/readings/2026-05-25T06').waitFor();
    await picture(tab, 'console-live');
    await tab.close();
  });
});
