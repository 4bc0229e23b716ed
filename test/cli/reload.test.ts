import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { PortkvProcess } from '../harness/portkv-process.js';

const DONE = /"msg":"(?:the configuration was reloaded|The configuration was not reloaded[^\n]*)"/g;

describe('SIGHUP', () => {
  let folder: string;
  let config: string;
  let server: PortkvProcess;
  let address: string;
  let system: string;
  let project: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    config = join(folder, 'config.json');
    server = new PortkvProcess(folder);
    address = await server.ready();
    [system, project] = [server.printed('SYSTEM_KEY'), server.printed('PROJECT_KEY')];
  });
  afterEach(async () => {
    server.kill('SIGKILL');
    await server.end();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Sends the signal and resolves with what was logged about it. */
  async function reload(): Promise<string> {
    const before = server.stderr;
    const reloads = before.match(DONE)?.length ?? 0;
    server.kill('SIGHUP');
    while ((server.stderr.match(DONE)?.length ?? 0) === reloads) await sleep(20);
    await sleep(50);
    return server.stderr.slice(before.length);
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests look into configurations of every shape
  async function edit(change: (config: any) => void): Promise<string> {
    const parsed = JSON.parse(await readFile(config, 'utf8'));
    change(parsed);
    await writeFile(config, JSON.stringify(parsed, null, 2));
    return reload();
  }

  async function call(method: string, path: string, key: string, body?: string, headers: Record<string, string> = {}) {
    const options = { method, headers: { 'x-api-key': key, ...headers }, ...(body === undefined ? {} : { body }) };
    const answer = await fetch(`${address}/api/v1/projects${path}`, options);
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }
  const put = (key: string, value: string, id = 'first_project') =>
    call('PUT', `/${id}/values/k`, key, value).then(({ status }) => status);

  it('applies limits, CORS, rates, quotas, the level of the log, and names what needs a restart', async () => {
    expect(await put(project, 'x'.repeat(100))).to.equal(201);
    const logged = await edit((it) => {
      it.server_port = 1;
      it.system.limits = { max_value_bytes: 50 };
      it.system.cors = { origins: ['https://example.org'] };
      it.system.logging = { level: 'debug' };
      it.projects[0].limits = { max_keys: 1 };
    });
    expect(await put(project, 'x'.repeat(100))).to.equal(413);
    expect((await call('PUT', '/first_project/values/other', project, 'x')).status).to.be.oneOf([409, 507, 413]);
    const { headers } = await call('GET', '/first_project/values/k', project, undefined, {
      origin: 'https://example.org',
    });
    expect(headers.get('access-control-allow-origin')).to.equal('https://example.org');
    expect(server.stderr).to.include('"msg":"answered"');
    expect(logged).to.include('"changed":["first_project"]').and.include('"system.limits.max_value_bytes"');
    expect(logged).to.include('server_port: changes only at the next start');

    await edit((it) => {
      it.system.rate_limits = { per_key: { requests: 2, seconds: 1000 } };
      delete it.system.limits;
    });
    const statuses = [await put(project, 'x'.repeat(100)), await put(project, 'x'), await put(project, 'x')];
    expect(statuses).to.deep.equal([204, 204, 429]);
    await edit((it) => delete it.system.rate_limits);
    expect(await put(project, 'x')).to.equal(204);
  });

  it('adds and removes projects and keys, and ends the streams of keys that are gone', async () => {
    const made = await call(
      'POST',
      '/first_project/api-keys',
      project,
      '{"name":"r","scopes":["read","list","watch"]}',
      {
        'content-type': 'application/json',
      },
    );
    const { key: reader } = JSON.parse(made.text).data;
    const stream = await fetch(`${address}/api/v1/projects/first_project/changes`, {
      headers: { 'x-api-key': reader, accept: 'text/event-stream' },
    });
    expect(stream.status).to.equal(200);
    await edit((it) => {
      it.projects[0].api_keys = [];
      it.projects.push({ id: 'added', authentication: { api_key: 'set-by-hand' } });
    });
    for await (const _ of stream.body ?? []); // It ends.
    expect((await call('GET', '/first_project/values/k', reader)).status).to.equal(401);
    expect(await put('set-by-hand', 'x', 'added')).to.equal(201);
    expect(JSON.parse(await readFile(config, 'utf8')).projects[1].authentication.api_key).to.equal(null);
    expect(await put(project, 'x')).to.equal(201);

    const logged = await edit((it) => it.projects.pop());
    expect(logged).to.include('"removed":["added"]');
    expect((await call('GET', '/added', system)).status).to.equal(404);
    expect(await put('set-by-hand', 'x', 'added')).to.be.oneOf([401, 404]);
    await edit((it) => it.projects.push({ id: 'added', authentication: { enabled: false } }));
    expect((await call('GET', '/added/values/k', '')).text).to.equal('x');
  });

  it('keeps the key of a project whose plain key stays in the file, and its streams', async () => {
    await edit((it) => {
      it.projects[0].authentication = { api_key: 'plain-by-hand', save_api_key_to_config: true };
    });
    expect(await put(project, 'x')).to.equal(401);
    expect(await put('plain-by-hand', 'x')).to.equal(201);
    const logged = await edit((it) => {
      it.projects[0].authentication.api_key_hash = null;
    });
    expect(logged).to.include('"changed":[]');
    expect(await put('plain-by-hand', 'x')).to.equal(204);
  });

  it('leaves a project where it is if its data would have to move, and applies the rest of its settings', async () => {
    expect(await put(project, 'x')).to.equal(201);
    const logged = await edit((it) => {
      it.projects[0].storage = { engine: 'lmdb', snapshots: { every: '1h' } };
      it.projects[0].limits = { max_value_bytes: 10 };
    });
    expect(logged).to.include("storage of project 'first_project': changes only at the next start");
    const { storage, limits } = JSON.parse((await call('GET', '/first_project', system)).text).data;
    expect(storage).to.deep.include({ engine: 'json-file', snapshots: { every: '1h', keep: 10 } });
    expect(limits).to.deep.equal({ max_value_bytes: 10 });
    expect((await call('GET', '/first_project/values/k', project)).text).to.equal('x');
  });

  it('changes nothing if the file has a mistake, and names it', async () => {
    const text = await readFile(config, 'utf8');
    const mistakes = {
      '"server_prot": 1,': 'server_prot (line 1, column 2): is not known; did you mean \\"server_port\\"',
      '"x-open": [': 'line ',
      '"transports": [{"kind": "nothing"}],': 'transports[0].kind',
    };
    for (const [mistake, message] of Object.entries(mistakes)) {
      await writeFile(config, text.replace('{', `{${mistake}`));
      const logged = await reload();
      expect(logged).to.include('was not reloaded').and.include(message);
      expect(await put(project, 'x')).to.be.oneOf([201, 204]);
    }
    await rm(config);
    expect(await reload()).to.include('is gone');
    expect(await put(project, 'x')).to.equal(204);
  });

  it('loses no change that is made by API meanwhile', async () => {
    const json = { 'content-type': 'application/json' };
    const changes = Array.from({ length: 20 }, async (_, i) => {
      server.kill('SIGHUP');
      const id = `p${i}`;
      expect((await call('POST', '', system, JSON.stringify({ id }), json)).status).to.equal(201);
      const limits = JSON.stringify({ limits: { max_keys: i } });
      expect((await call('PUT', `/${id}`, system, limits, json)).status).to.equal(200);
      server.kill('SIGHUP');
      expect(JSON.parse((await call('GET', `/${id}`, system)).text).data.limits.max_keys).to.equal(i);
    });
    await Promise.all(changes);
    await reload();
    const { projects } = JSON.parse(await readFile(config, 'utf8'));
    const stored = projects.map(({ id, limits }: { id: string; limits?: { max_keys: number } }) => [
      id,
      limits?.max_keys,
    ]);
    expect(stored).to.have.deep.members([['first_project', undefined], ...changes.map((_, i) => [`p${i}`, i])]);
    const listed = JSON.parse((await call('GET', '', system)).text).data;
    expect(Object.keys(listed)).to.have.length(21);
  });

  it('is kept until the server is ready', async () => {
    const second = new PortkvProcess(await mkdtemp(join(folder, 'other-')));
    while (!second.stderr.includes('"project"') && !second.stdout.includes('serves')) await sleep(5);
    second.kill('SIGHUP');
    await second.ready();
    while (!second.stderr.includes('was reloaded')) await sleep(20);
    second.kill('SIGTERM');
    expect(await second.end()).to.equal(0);
  });
});
