import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';
import { requestOf } from '../documented/documented-request.js';
import { type Documented, DocumentedRoutes } from '../documented/documented-routes.js';

/** The number of entries, which no other number is equal to. */
const MANY = 1237;
const NUMBER = new RegExp(`(?<![\\d.])${MANY}(?![\\d.])`);
/** Operations that run first, while the number is still right, and last. */
const FIRST = ['createSnapshot', 'restoreSnapshot', 'removeEntries'];
const LAST = ['deleteSnapshot', 'deleteProject'];

describe('The number of entries', function () {
  this.timeout(60_000);
  let server: TestServer;
  let routes: readonly Documented[];

  before(async () => {
    server = await TestServer.start();
    const all = (await DocumentedRoutes.of(server)).all.filter(({ method }) => !['HEAD', 'OPTIONS'].includes(method));
    routes = all
      .filter(({ operation }) => operation.operationId !== 'regenerateApiKey')
      .sort((one, other) => placeOf(one) - placeOf(other));
  });
  after(() => server.stop());

  /** The operations that reveal the number, to the system key or to that of the project. */
  async function revealingRoutes(project: string, discoverable: boolean): Promise<Set<string>> {
    const key = await server.project(project, { storage: { engine: 'memory' } });
    await fill(project, key);
    const set = (settings: object) =>
      server.call('PUT', project, { key: server.systemKey, body: JSON.stringify(settings) });
    await set({ security: { keys_and_values_discoverable: discoverable } });
    const snapshot = (await server.call('POST', `${project}/snapshots`, { key })).json.data.id;
    const migration = (await set({ storage: { engine: 'json-file' } })).json.data.id;
    while ((await server.call('GET', `${project}/migrations/${migration}`, { key })).json.data.state === 'copying');

    const found = new Set<string>();
    for (const route of routes) {
      const { operationId } = route.operation;
      for (const one of [server.systemKey, key]) {
        for (const query of queriesOf(operationId)) {
          const path = { project, snapshot, migration, key: 'k1', id: 'none' };
          const { method, path: target, call } = requestOf(route, { path, key: one, query }, server);
          const { text, headers } = await server.call(method, target, call);
          if (NUMBER.test(text) || NUMBER.test(JSON.stringify([...headers]))) found.add(operationId);
        }
      }
    }
    return found;
  }

  async function fill(project: string, key: string): Promise<void> {
    for (let at = 0; at < MANY; at += 1000) {
      const puts = Array.from({ length: Math.min(1000, MANY - at) }, (_, i) => ({
        put: { key: `k${at + i}`, text: '' },
      }));
      const body = JSON.stringify({ operations: puts });
      expect((await server.call('POST', `${project}/transactions`, { key, body })).status).to.equal(200);
    }
  }

  it('is revealed by no route if the project hides its keys', async () => {
    expect([...(await revealingRoutes('hidden', false))]).to.deep.equal([]);
  });

  it('is otherwise revealed by all routes that count', async () => {
    const counting = ['listEntries', 'exportStore', 'metrics', 'removeEntries'];
    const copies = [
      'listSnapshots',
      'getSnapshot',
      'createSnapshot',
      'restoreSnapshot',
      'listMigrations',
      'getMigration',
    ];
    expect([...(await revealingRoutes('seen', true))]).to.include.members([...counting, ...copies]);
  });
});

function placeOf({ method, operation: { operationId } }: Documented): number {
  if (method === 'GET') return -1;
  return FIRST.includes(operationId) ? FIRST.indexOf(operationId) : FIRST.length + LAST.indexOf(operationId) + 1;
}

function queriesOf(operationId: string): Readonly<Record<string, string>>[] {
  if (operationId === 'listEntries') return [{}, { count: 'only' }, { count: 'true', limit: '1' }, { count: 'bytes' }];
  if (operationId === 'removeEntries') return [{ dry_run: 'true' }, { prefix: 'k' }];
  if (operationId === 'watchChanges') return [{ wait: '0' }];
  if (operationId === 'importStore') return [{ dry_run: 'true' }, { mode: 'replace', dry_run: 'true' }];
  return [{}];
}
