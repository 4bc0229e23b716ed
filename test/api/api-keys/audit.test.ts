import { readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type TestResponse, TestServer } from '../../harness/test-server.js';

describe('The audit log', () => {
  let server: TestServer;
  let path: string;
  let owner: string;

  beforeEach(async () => {
    server = await TestServer.start();
    path = join(server.folder, 'storage_data', 'audit.portkv.ndjson');
    owner = await server.project('p', { storage: { engine: 'memory' } });
  });
  afterEach(() => server.stop());

  async function lines(file = path): Promise<Record<string, unknown>[]> {
    const text = await readFile(file, 'utf8');
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  /** Restarts the server with these audit settings. */
  function configured(audit: object): Promise<void> {
    return server.restart(async () => {
      const file = join(server.folder, 'config.json');
      const config = JSON.parse(await readFile(file, 'utf8'));
      config.system.audit = audit;
      await writeFile(file, JSON.stringify(config));
    });
  }

  function makeKey(): Promise<TestResponse> {
    const body = JSON.stringify({ name: 'SECRETNAME', scopes: ['write'] });
    return server.call('POST', 'p/api-keys', { key: owner, body, headers: { 'x-request-id': 'made-here' } });
  }

  it('has a line for every administrative act before its response', async () => {
    const { json } = await makeKey();
    const last = (await lines()).at(-1);
    expect(last).to.have.all.keys('time', 'who', 'act', 'project', 'address', 'request_id', 'outcome');
    expect(last).to.deep.include({
      who: owner.slice(4, 12),
      act: 'createApiKey',
      project: 'p',
      address: '127.0.0.1',
      request_id: 'made-here',
      outcome: 'done',
    });
    await server.call('DELETE', 'p', { key: server.systemKey });
    expect((await lines()).at(-1)).to.deep.include({ who: server.systemKey.slice(4, 12), act: 'deleteProject' });
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    const text = await readFile(path, 'utf8');
    expect(text).not.to.include(json.data.key.slice(13));
    expect(text).not.to.include('SECRETNAME');
  });

  it('has lines for acts that were refused or failed, and counts repetitions', async () => {
    const weak = (await makeKey()).json.data.key as string;
    for (let i = 0; i < 5; i++) await server.call('DELETE', 'p', { key: 'wrong' });
    await server.call('GET', 'p/api-keys', { key: weak });
    await server.call('DELETE', 'p/api-keys/primary', { key: owner });
    await server.call('GET', '/status');
    await server.restart();
    const found = (await lines()).map(({ who, act, outcome, repeated }) => ({ who, act, outcome, repeated }));
    const once = { repeated: undefined };
    expect(found.slice(-5)).to.deep.equal([
      { who: 'an unknown key', act: 'deleteProject', outcome: 'unauthenticated', ...once },
      { who: weak.slice(4, 12), act: 'listApiKeys', outcome: 'insufficient_scope', ...once },
      { who: owner.slice(4, 12), act: 'deleteApiKey', outcome: 'conflict', ...once },
      { who: 'anonymous', act: 'status', outcome: 'unauthenticated', ...once },
      { who: 'an unknown key', act: 'deleteProject', outcome: 'unauthenticated', repeated: 4 },
    ]);
  });

  it('is not filled by a flood of different refusals', async () => {
    await makeKey();
    const before = (await lines()).length;
    for (let i = 0; i < 600; i++) await server.call('DELETE', `p${i}`);
    await server.restart();
    const after = await lines();
    expect(after.length - before).to.equal(501);
    expect(after.at(-1)).to.deep.include({ who: 'several', act: 'several', repeated: 100 });
  });

  it('has no line for writes of entries, unless the configuration asks for them', async () => {
    const write = () => server.call('PUT', 'p/values/KEYNAME', { key: owner, body: 'VALUE' });
    await write();
    await configured({ data_writes: true });
    expect((await lines()).map(({ act }) => act)).not.to.include('putValue');
    await server.call('POST', '/api/v1/projects', { key: server.systemKey, body: '{"id":"p2"}' });
    await write();
    await server.restart();
    expect((await lines()).at(-1)).to.deep.include({ act: 'putValue', outcome: 'done', who: owner.slice(4, 12) });
    expect(await readFile(path, 'utf8')).not.to.match(/VALUE|KEYNAME/);
  });

  it('is rotated when it is full, and only the configured number of files is kept', async () => {
    await configured({ max_bytes: 1024, keep: 2 });
    for (let i = 0; i < 30; i++) await server.call('DELETE', `p/api-keys/none${i}`, { key: owner });
    for (let i = 0; i < 24; i++) await makeKey();
    for (const file of [path, `${path}.1`, `${path}.2`]) {
      expect((await stat(file)).size).to.be.within(1, 1024 + 512);
      expect((await lines(file)).every(({ time }) => typeof time === 'string')).to.equal(true);
    }
    expect(await stat(`${path}.3`).catch(({ code }) => code)).to.equal('ENOENT');
  });

  it('goes on after half a line that a crash left, and follows no link', async () => {
    await server.restart(() => writeFile(path, '{"time":"half'));
    await makeKey();
    expect((await readFile(path, 'utf8')).split('\n')[0]).to.equal('{"time":"half');
    expect((await readFile(path, 'utf8')).split('\n')[1]).to.include('createApiKey');
    const elsewhere = join(server.folder, 'elsewhere');
    await server.restart(async () => {
      await writeFile(elsewhere, '');
      await rm(path);
      await symlink(elsewhere, path);
    });
    expect((await makeKey()).status).to.equal(201);
    expect((await stat(elsewhere)).size).to.equal(0);
  });

  it('is read by the system key, latest first, by time, project and number', async () => {
    for (let i = 0; i < 3; i++) await makeKey();
    await server.project('q');
    const read = async (query: string, key = server.systemKey) => server.call('GET', `/api/v1/audit${query}`, { key });
    const all = (await read('')).json.data as { act: string; time: number; project: string }[];
    const kept = (await lines()).reverse();
    expect(all.map(({ act, project, time }) => [act, project, new Date(time * 1000).toISOString()])).to.deep.equal(
      kept.map(({ act, project, time }) => [act, project ?? null, time]),
    );
    expect((await read('?limit=2')).json.data).to.deep.equal(all.slice(0, 2));
    expect((await read('?project=p&limit=1')).json.data).to.deep.equal(
      all.filter(({ project }) => project === 'p').slice(0, 1),
    );
    const { time = 0 } = all[1] ?? {};
    const from = (await read(`?since=${time}`)).json.data as typeof all;
    const before = (await read(`?until=${time}`)).json.data as typeof all;
    expect([...from, ...before]).to.deep.equal(all);
    expect(from.every((one) => one.time >= time) && before.every((one) => one.time < time)).to.equal(true);
    expect((await read('', owner)).json.error).to.deep.include({
      code: 'insufficient_scope',
      required_scope: 'system',
    });
    for (const wrong of ['?limit=0', '?limit=1001', '?since=x', '?project=']) {
      expect((await read(wrong)).status, wrong).to.equal(400);
    }
  });

  it('is read through the files that were rotated, without a line that a crash cut off', async () => {
    await configured({ max_bytes: 1024, keep: 3 });
    for (let i = 0; i < 16; i++) await makeKey();
    const kept = (await Promise.all([path, `${path}.1`, `${path}.2`].map((file) => lines(file)))).map(
      (it) => it.length,
    );
    await server.restart(() => writeFile(path, '{"time":"half', { flag: 'a' }));
    const { json } = await server.call('GET', '/api/v1/audit?limit=1000', { key: server.systemKey });
    expect(json.data.length).to.be.at.least(kept.reduce((sum, count) => sum + count, 0));
  });

  /** All pages that follow from the header Link. */
  async function pagesOf(query: string, between: () => Promise<unknown> = async () => undefined) {
    const found: { act: string; outcome: string; who: string }[] = [];
    for (let at: string | undefined = `/api/v1/audit?${query}`; at !== undefined; ) {
      const { status, json, headers } = await server.call('GET', at, { key: server.systemKey });
      expect(status, at).to.equal(200);
      found.push(...json.data);
      at = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
      if (at !== undefined) await between();
    }
    return found;
  }

  it('is read in pages that are complete, also through rotated files and while records are added', async () => {
    const act = () => server.call('DELETE', 'p/api-keys/primary', { key: owner });
    await configured({ max_bytes: 1024, keep: 100 });
    for (let i = 0; i < 18; i++) await server.call('POST', 'p/snapshots', { key: owner });
    const all = await pagesOf('limit=1000');
    expect(all.length).to.be.at.least(19);
    for (const limit of [1, 7, all.length]) {
      const before = await pagesOf('limit=1000');
      expect(await pagesOf(`limit=${limit}`, act), `pages of ${limit}`).to.deep.equal(before);
    }
  });

  it('has equal lines as often as they were written, page by page', async () => {
    const line = '{"time":"2026-11-20T08:00:00.000Z","who":"a","act":"x","request_id":"r","outcome":"done"}\n';
    const other = line.replace('"x"', '"y"');
    await server.restart(() => writeFile(path, line + other + line + line));
    const found = (await pagesOf('limit=1&until=1800000000')).map(({ act }) => act);
    expect(found).to.deep.equal(['x', 'x', 'y', 'x']);
  });

  it('goes on with older records if the one of the cursor is gone', async () => {
    const lineAt = (second: number) =>
      `{"time":"2026-11-20T08:00:0${second}.000Z","who":"a","act":"x${second}","request_id":"r","outcome":"done"}\n`;
    await server.restart(() => writeFile(path, [0, 1, 2, 3].map(lineAt).join('')));
    const { headers } = await server.call('GET', '/api/v1/audit?until=1800000000&limit=2', { key: server.systemKey });
    await server.restart(() => writeFile(path, [0, 1].map(lineAt).join('')));
    const next = /^<(.+)>/.exec(headers.get('link') ?? '')?.[1] as string;
    const { json } = await server.call('GET', next, { key: server.systemKey });
    expect(json.data.map(({ act }: { act: string }) => act)).to.deep.equal(['x1', 'x0']);
  });

  it('is read by operation, key and outcome', async () => {
    await makeKey();
    await server.call('DELETE', 'p/api-keys/primary', { key: owner });
    await server.call('GET', '/status');
    const all = await pagesOf('limit=1000');
    expect(await pagesOf('act=createApiKey&limit=1')).to.deep.equal(all.filter(({ act }) => act === 'createApiKey'));
    expect(await pagesOf('outcome=failed&limit=1')).to.deep.equal(all.filter(({ outcome }) => outcome !== 'done'));
    expect((await pagesOf('outcome=conflict')).map(({ act }) => act)).to.deep.equal(['deleteApiKey']);
    const id = owner.slice(4, 12);
    expect(await pagesOf(`who=${id}&limit=1`)).to.deep.equal(all.filter(({ who }) => who === id));
    expect(await pagesOf('act=nothing')).to.deep.equal([]);
    for (const cursor of ['x', 'MQ', Buffer.from('-1.1.x').toString('base64url'), '%00']) {
      const { status, json } = await server.call('GET', `/api/v1/audit?cursor=${cursor}`, { key: server.systemKey });
      expect([status, json.error.parameter], cursor).to.deep.equal([400, 'cursor']);
    }
  });
});
