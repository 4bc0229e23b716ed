import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { SCOPES, type Scope } from '../../../src/domain/api-key.js';
import { generateKey } from '../../../src/infrastructure/security/generated-key.js';
import { type TestResponse, TestServer } from '../../harness/test-server.js';
import { type RequestOverrides, requestOf } from '../documented/documented-request.js';
import { type Documented, DocumentedRoutes } from '../documented/documented-routes.js';
import { type Access, accessTable } from './access-table.js';

/** An API key, its owner and its rights; a key without `scopes` opens nothing. */
interface Kind {
  readonly name: string;
  readonly key: string | undefined;
  readonly owner: 'nobody' | 'system' | 'p' | 'q';
  readonly scopes?: readonly Scope[];
  readonly prefix?: string;
}

type Outcome = 'allowed' | 'unauthenticated' | 'insufficient_scope';

const IDS = { key: 'in/x', id: 'aaaaaaaa', migration: 'none', snapshot: 'none' };

describe('Every route with every kind of API key', () => {
  let server: TestServer;
  let now = 1_800_000_000_000;
  let routes: readonly Documented[];
  let kinds: readonly Kind[];

  before(async () => {
    server = await TestServer.start({ now: () => now });
    routes = (await DocumentedRoutes.of(server)).all.filter(({ method }) => !['HEAD', 'OPTIONS'].includes(method));
    kinds = await allKinds();
  });
  after(() => server.stop());

  async function made(owner: string, body: object): Promise<{ id: string; key: string }> {
    const sent = JSON.stringify({ name: 'test', scopes: SCOPES, ...body });
    const { json, text } = await server.call('POST', 'p/api-keys', { key: owner, body: sent });
    if (json.data === null) throw new Error(text);
    return json.data;
  }

  async function rotated({ id }: { id: string }, owner: string, grace: number): Promise<string> {
    const body = JSON.stringify({ grace });
    const { json } = await server.call('POST', `p/api-keys/${id}/rotate`, { key: owner, body });
    return json.data.key;
  }

  async function allKinds(): Promise<Kind[]> {
    const owner = await server.project('p', { storage: { engine: 'memory' } });
    const other = await server.project('q', { storage: { engine: 'memory' } });
    const expired = await made(owner, { expires_in: 10 });
    const ended = await made(owner, {});
    const endedNow = await rotated(ended, owner, 10);
    now += 10_000;
    const revoked = await made(owner, {});
    // Used once, so that the server has it in its cache and only the deletion can be the reason for a refusal.
    await server.call('GET', '/api/v1/whoami', { key: revoked.key });
    await server.call('DELETE', `p/api-keys/${revoked.id}`, { key: owner });
    const gracious = await made(owner, {});
    const graciousNow = await rotated(gracious, owner, 1_000_000);
    const nobody = { owner: 'nobody' } as const;
    const full = { owner: 'p', scopes: SCOPES } as const;
    const single = SCOPES.map(async (scope) => ({ scope, ...(await made(owner, { scopes: [scope] })) }));
    const others = SCOPES.map(async (without) => {
      const scopes = SCOPES.filter((scope) => scope !== without);
      return { without, scopes, ...(await made(owner, { scopes })) };
    });
    return [
      { name: 'none', key: undefined, ...nobody },
      { name: 'garbage', key: 'garbage', ...nobody },
      { name: 'empty', key: '', ...nobody },
      { name: 'malformed', key: `${owner.slice(0, -1)}${owner.endsWith('A') ? 'B' : 'A'}`, ...nobody },
      { name: 'unknown', key: generateKey().secret, ...nobody },
      { name: 'wrong secret', key: generateKey(owner.slice(4, 12)).secret, ...nobody },
      { name: 'expired', key: expired.key, ...nobody },
      { name: 'revoked', key: revoked.key, ...nobody },
      { name: 'rotated, after grace', key: ended.key, ...nobody },
      { name: 'rotated, the new one', key: endedNow, ...full },
      { name: 'rotated, within grace', key: gracious.key, ...full },
      { name: 'rotated, the new one within grace', key: graciousNow, ...full },
      { name: 'system', key: server.systemKey, owner: 'system' },
      { name: 'primary', key: owner, ...full },
      { name: 'other project', key: other, owner: 'q', scopes: SCOPES },
      ...(await Promise.all(single)).map(({ scope, key }) => ({
        ...full,
        name: `only ${scope}`,
        key,
        scopes: [scope],
      })),
      ...(await Promise.all(others)).map(({ without, scopes, key }) => ({
        ...full,
        name: `no ${without}`,
        key,
        scopes,
      })),
      { ...full, name: 'prefix inside', key: (await made(owner, { prefix: 'in/' })).key, prefix: 'in/' },
      { ...full, name: 'prefix outside', key: (await made(owner, { prefix: 'in/y' })).key, prefix: 'in/y' },
    ];
  }

  function expected(access: Access, { owner, scopes = [], prefix }: Kind): Outcome {
    if (access === 'open') return 'allowed';
    if (owner === 'nobody') return 'unauthenticated';
    if (access === 'any') return 'allowed';
    if (owner === 'system') return access === 'system' || access.system ? 'allowed' : 'insufficient_scope';
    if (access === 'system') return 'insufficient_scope';
    if (owner !== 'p') return 'unauthenticated';
    if (!access.needs.every((scope) => scopes.includes(scope))) return 'insufficient_scope';
    if (prefix === undefined || access.prefix === 'free' || access.prefix === 'slice') return 'allowed';
    return access.prefix === 'key' && IDS.key.startsWith(prefix) ? 'allowed' : 'insufficient_scope';
  }

  function outcome({ status, json }: TestResponse): Outcome {
    if (status === 401) return 'unauthenticated';
    return status === 403 && json.error.code === 'insufficient_scope' ? 'insufficient_scope' : 'allowed';
  }

  function ask(route: Documented, wanted: RequestOverrides): Promise<TestResponse> {
    const { operationId } = route.operation;
    // A successful call of these would remove what the next call needs.
    const project = ['deleteProject', 'regenerateApiKey'].includes(operationId) ? 'unknown' : 'p';
    const { method, path, call } = requestOf(
      route,
      { path: { ...IDS, project }, ...about(operationId, IDS.key), ...wanted },
      server,
    );
    return server.call(method, path, call);
  }

  it('has a row in the access table', () => {
    for (const { operation } of routes) {
      expect(accessTable, `write into access-table.ts who may call ${operation.operationId}`).to.have.property(
        operation.operationId,
      );
    }
  });

  it('allows or refuses as the table says, always with the same 401, and names what the key lacks', async function () {
    this.timeout(600_000);
    const wrong: string[] = [];
    for (const route of routes) {
      const access = accessTable[route.operation.operationId] as Access;
      const refusals = new Set<string>();
      // After too many wrong keys within a minute the response is 429.
      now += 61_000;
      for (const kind of kinds) {
        const answer = await ask(route, { key: kind.key });
        const { status, text, headers } = answer;
        const what = `${route.operation.operationId} with ${kind.name}: ${text.trim()}`;
        const [is, should] = [outcome(answer), expected(access, kind)];
        if (is !== should || status >= 500) wrong.push(`${is}, not ${should}: ${what}`);
        if (status === 401) refusals.add(`${headers.get('www-authenticate')} ${text}`);
        if (is === should && is === 'insufficient_scope') expectReason(answer, access, kind, what);
      }
      if (refusals.size > 1) wrong.push(`${route.operation.operationId}: ${[...refusals].join(' / ')}`);
    }
    expect(wrong.join('\n')).to.equal('');
  });
});

function expectReason(
  { json }: TestResponse,
  access: Access,
  { owner, scopes = [], prefix }: Kind,
  what: string,
): void {
  const { required_scope: needed } = json.error;
  if (access === 'system' || owner === 'system')
    expect(needed, what).to.equal(access === 'system' ? access : 'project');
  else if (prefix === undefined) expect(scopes, what).not.to.include(needed ?? scopes[0]);
  else expect(json.error.prefix, what).to.equal(prefix);
}

/** The parts of a request that name an entry elsewhere than in its path. */
function about(operationId: string, key: string): RequestOverrides {
  const operations = [{ get: { key } }, { put: { key: `${key}1`, text: 'x' } }, { delete: { key: `${key}2` } }];
  const requests: Readonly<Record<string, RequestOverrides>> = {
    runTransaction: { body: { operations } },
    storeForm: { body: { [key]: 'x' } },
    createApiKey: { body: { name: 'made', scopes: ['admin'], prefix: 'in/yes', expires_in: 1 } },
    latestEntry: { query: { key } },
    importStore: { body: exportOf(key) },
    watchChanges: { query: { wait: '0' } },
  };
  if (operationId.endsWith('ByQuery')) return { query: { key } };
  return requests[operationId] ?? {};
}

function exportOf(key: string): string {
  const header = { format: 'portkv-export', version: 1, project: 'p', created_at: 1 };
  const entry = { key, content_type: 'text/plain', version: 'a', created_at: 1, updated_at: 1, text: 'x' };
  const lines = `${JSON.stringify(header)}\n${JSON.stringify(entry)}\n`;
  return `${lines}${JSON.stringify({ count: 1, sha256: createHash('sha256').update(lines).digest('hex') })}\n`;
}
