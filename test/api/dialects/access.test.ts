import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type CallerKind, callerKinds, expectedOutcome } from '../../harness/caller-kinds.js';
import { restKeys } from '../../harness/rest-keys.js';
import { TestServer } from '../../harness/test-server.js';
import { type Access, accessTable } from '../api-keys/access-table.js';
import { type DialectCall, dialectCalls } from './dialect-calls.js';

const SOURCES = 'src/interfaces/rest/dialects';
const OUTCOMES: Readonly<Record<number, string>> = { 401: 'unauthenticated', 403: 'insufficient_scope' };

describe('Every route of a dialect', () => {
  it('has a row in the access table, and a call here', async () => {
    const ids: string[] = [];
    for (const name of await readdir(SOURCES, { recursive: true })) {
      if (!name.endsWith('.routes.ts')) continue;
      const source = await readFile(join(SOURCES, name), 'utf8');
      ids.push(...[...source.matchAll(/^\s+id: '(\w+)',$/gm)].map(([, id = '']) => id));
    }
    const called = Object.values(dialectCalls).flatMap(({ calls }) => calls.map(({ route }) => route));
    expect(ids).to.have.length.above(2);
    expect([...new Set(called)], 'add calls to dialect-calls.ts').to.have.members(ids);
    for (const id of ids) expect(accessTable, 'write into access-table.ts who may call it').to.have.property(id);
  });

  for (const [dialect, { key: touched, calls }] of Object.entries(dialectCalls)) {
    describe(`in the dialect ${dialect}`, () => {
      let server: TestServer;
      let kinds: readonly CallerKind[];
      let now = 1_800_000_000_000;

      before(async function () {
        this.timeout(60_000);
        server = await TestServer.start({ now: () => now });
        const { systemKey } = server;
        const wait = (ms: number) => {
          now += ms;
        };
        const call: TestServer['call'] = (method, path, options) => server.call(method, path, options);
        kinds = await callerKinds(restKeys({ systemKey, call, wait }, { dialects: [dialect] }), touched);
      });
      after(() => server?.stop());

      for (const call of calls) {
        it(`allows or refuses ${call.method} ${call.path} (${call.route}) as the table says`, async function () {
          this.timeout(60_000);
          const access = call.access ?? (accessTable[call.route] as Access);
          const wrong: string[] = [];
          const refusals = new Set<string>();
          now += 61_000;
          for (const kind of kinds) {
            const { status, text, headers } = await ask(server, call, kind.secret);
            const is = OUTCOMES[status] ?? 'allowed';
            const should = expectedOutcome(access, kind, touched);
            if (is !== should || status >= 500) wrong.push(`${is}, not ${should}: ${kind.name}: ${status} ${text}`);
            if (status === 401) refusals.add(`${headers.get('www-authenticate')} ${text}`);
          }
          expect(wrong.join('\n')).to.equal('');
          expect([...refusals]).to.have.length.below(2);
        });
      }

      it('exists only for projects that name it, which only their keys find out', async () => {
        const owner = kinds.find(({ name }) => name === 'primary')?.secret;
        const settings = (dialects: readonly string[]) =>
          server.call('PUT', 'p', { key: owner, body: JSON.stringify({ dialects }) });
        expect((await settings([])).status).to.equal(200);
        for (const call of calls.filter(({ route }) => !['system', 'any'].includes(String(accessTable[route])))) {
          now += 61_000;
          const { status, text } = await ask(server, call, owner);
          expect(status, call.route).to.equal(404);
          if (call.method !== 'HEAD') expect(text, call.route).to.contain(`PUT /api/v1/projects/p {\\"dialects\\":`);
          expect((await ask(server, call, undefined)).status, call.route).to.equal(401);
        }
        expect((await settings([dialect])).status).to.equal(200);
        expect((await ask(server, calls[0] as DialectCall, owner)).text).not.to.contain('dialects');
      });
    });
  }
});

function ask(server: TestServer, { method, path, body, headers = {} }: DialectCall, key: string | undefined) {
  return server.call(method, path, { key, headers, ...(body === undefined ? {} : { body }) });
}
