import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

describe('/metrics', () => {
  let server: TestServer;
  let key: string;
  before(async () => {
    server = await TestServer.start();
    key = server.projectKey;
  });
  after(() => server.stop());

  it('needs the system key, and no key if it is public', async () => {
    expect((await server.call('GET', '/metrics')).status).to.equal(401);
    expect((await server.call('GET', '/metrics', { key })).status).to.equal(403);
    await server.configure({ metrics: { public: true } });
    expect((await server.call('GET', '/metrics')).status).to.equal(200);
    await server.configure({ metrics: { public: false } });
  });

  it('counts requests, times, entries, bytes and commits', async () => {
    const project = await server.project('counted', { storage: { engine: 'memory' } });
    for (let i = 0; i < 3; i++) await server.call('PUT', `counted/values/k${i}`, { key: project, body: 'abc' });
    await server.call('GET', 'counted/values/none', { key: project });
    await server.call('GET', '/no/such/path');
    await server.project('secret', { security: { keys_and_values_discoverable: false } });
    const { headers, text } = await server.call('GET', '/metrics', { key: server.systemKey });
    expect(headers.get('content-type')).to.match(/^text\/plain; version=0\.0\.4/);
    expect(text).not.to.include('portkv_project_entries{project="secret"}');
    expect(text).to.include('portkv_project_open{project="secret"} 1');
    const duration = 'portkv_http_request_duration_seconds';
    for (const line of [
      `${duration}_count{route="putValue",method="PUT",status="201"} 3`,
      `${duration}_bucket{route="putValue",method="PUT",status="201",le="+Inf"} 3`,
      `${duration}_count{route="getValue",method="GET",status="404"} 1`,
      `${duration}_count{route="none",method="GET",status="404"} 1`,
      'portkv_project_entries{project="counted"} 3',
      'portkv_project_bytes{project="counted"} 15',
      'portkv_project_open{project="counted"} 1',
      'portkv_project_commits_total{project="counted",outcome="done"} 3',
      'portkv_key_checks_waiting 0',
    ]) {
      expect(text.split('\n')).to.include(line);
    }
    const gauge = (name: string) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
    expect(gauge('portkv_disk_free_bytes')).to.be.above(0).and.at.most(gauge('portkv_disk_size_bytes'));
    expect(gauge('portkv_disk_reserve_bytes')).to.be.above(0);
    expect(text).to.match(/^process_resident_memory_bytes \d+$/m);
    const shape = /^(# (HELP|TYPE) [a-z0-9_]+ .+|[a-z0-9_]+(\{[^{}]*\})? [-+\d.eNa]+|)$/;
    expect(text.split('\n').filter((line) => !shape.test(line))).to.deep.equal([]);
  });

  it('counts the clients that watch changes', async () => {
    const open = async () =>
      /^portkv_watches_open (\d+)$/m.exec((await server.call('GET', '/metrics', { key: server.systemKey })).text)?.[1];
    expect(await open()).to.equal('0');
    const stop = new AbortController();
    const headers = { 'X-API-Key': key, Accept: 'text/event-stream' };
    await fetch(`${server.address}/api/v1/projects/first_project/changes`, { headers, signal: stop.signal });
    expect(await open()).to.equal('1');
    stop.abort();
    while ((await open()) !== '0') await new Promise((done) => setTimeout(done, 10));
  });
});
