import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestServer } from '../../harness/test-server.js';
import type { RequestOverrides } from './documented-request.js';

const unchanged = () => Promise.resolve({ headers: { 'if-none-match': '*' } });
const partial = () => Promise.resolve({ headers: { range: 'bytes=0-3' } });

/** What has to be done and sent for responses that the examples alone do not lead to, by operation and status. */
export const scenarios: Readonly<Record<string, (server: TestServer) => Promise<RequestOverrides>>> = {
  'getItem 304': unchanged,
  'getItemValue 206': partial,
  'getItemValue 304': unchanged,
  'getValue 206': partial,
  'getValue 304': unchanged,
  'getValueByQuery 206': partial,
  'getValueByQuery 304': unchanged,
  'latestEntry 200': async () => ({ query: { key: 'greeting' } }),
  'putValue 201': async () => ({ path: { key: 'new' } }),
  'putValueByQuery 201': async () => ({ query: { key: 'newer' } }),
  'postValue 201': async () => ({ path: { key: 'new by POST' } }),
  'postValueByQuery 201': async () => ({ query: { key: 'newer by POST' } }),
  'watchChanges 200': async () => ({ query: { wait: '0' } }),
  'createProject 201': async () => ({}),
  'regenerateApiKey 200': inProject('rekeyed'),
  'deleteProject 200': inProject('doomed'),
  'updateProject 202': async (server) => ({
    ...(await inProject('leaving')(server)),
    body: { storage: { engine: 'memory' } },
  }),
  'deleteApiKey 200': withKey,
  'rotateApiKey 201': withKey,
  'getMigration 200': moved('moved'),
  'rollBackMigration 200': moved('returning'),
  'getSnapshot 200': withSnapshot,
  'deleteSnapshot 200': withSnapshot,
  'verifySnapshot 200': withSnapshot,
  'restoreSnapshot 200': withSnapshot,
  'rotateEncryptionKey 202': async (server) => {
    await writeFile(join(server.folder, 'rotated.keys'), Buffer.alloc(32, 1).toString('base64'));
    await server.project('sealed', { storage: { encryption: { key_file: 'rotated.keys' } } });
    return { path: { project: 'sealed' } };
  },
  'ready 503': async (server) => {
    await server.project('broken', { storage: { engine: 'json-file' } });
    await server.restart(() => writeFile(join(server.folder, 'storage_data', 'broken_store.json'), 'no JSON'));
    return {};
  },
};

async function withSnapshot(server: TestServer): Promise<RequestOverrides> {
  const taken = await server.call('POST', 'first_project/snapshots', { key: server.systemKey });
  return { path: { snapshot: taken.json.data.id } };
}

async function withKey(server: TestServer): Promise<RequestOverrides> {
  const body = JSON.stringify({ name: 'one more', scopes: ['read'] });
  const { json } = await server.call('POST', 'first_project/api-keys', { key: server.systemKey, body });
  return { path: { id: json.data.id } };
}

function inProject(project: string): (server: TestServer) => Promise<RequestOverrides> {
  return async (server) => {
    await server.project(project, { storage: { engine: 'json-file' } });
    return { path: { project } };
  };
}

function moved(project: string): (server: TestServer) => Promise<RequestOverrides> {
  return async (server) => {
    await server.project(project, { storage: { engine: 'memory' } });
    const key = server.systemKey;
    const body = JSON.stringify({ storage: { engine: 'lmdb' } });
    const migration = (await server.call('PUT', project, { key, body })).json.data.id as string;
    for (;;) {
      const { json } = await server.call('GET', `${project}/migrations/${migration}`, { key });
      if (json.data.state === 'done') return { path: { project, migration } };
      await new Promise((done) => setTimeout(done, 10));
    }
  };
}
