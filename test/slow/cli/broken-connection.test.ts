import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { contents } from '../../harness/export-content.js';
import { TestServer } from '../../harness/test-server.js';

const PROJECT = 'first_project';
const COUNT = 2_000;

describe('portkv over a connection that breaks', () => {
  let server: TestServer;
  let proxy: Server;
  /** After how many bytes of the server (`down`) or of the client (`up`) each of the next connections breaks. */
  let cuts: { down?: number; up?: number }[];
  let file: string;

  before(async () => {
    server = await TestServer.start();
    file = join(server.folder, 'export.ndjson');
    for (let at = 0; at < COUNT; at += 500) {
      const operations = Array.from({ length: 500 }, (_, i) => {
        const n = at + i;
        return { put: { key: `key-${n}-${'ü"\\'.repeat(n % 3)}`, text: `${n}-`.repeat(1000) } };
      });
      const { status, text } = await server.call('POST', `${PROJECT}/transactions`, {
        key: server.projectKey,
        body: JSON.stringify({ operations }),
      });
      expect(status, text).to.equal(200);
    }
    proxy = createServer((client) => {
      const { down = Number.POSITIVE_INFINITY, up = Number.POSITIVE_INFINITY } = cuts.shift() ?? {};
      const upstream = connect(Number(new URL(server.address).port), '127.0.0.1');
      let [sent, got] = [0, 0];
      const end = () => {
        client.destroy();
        upstream.destroy();
      };
      client.on('data', (chunk) => {
        sent += chunk.length;
        if (sent > up) end();
        else upstream.write(chunk);
      });
      upstream.on('data', (chunk) => {
        got += chunk.length;
        if (got > down) end();
        else client.write(chunk);
      });
      for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
    }).listen(0, '127.0.0.1');
  });
  beforeEach(() => {
    cuts = [];
  });
  after(async () => {
    proxy.close();
    await server.stop();
  });

  function portkv(...args: string[]): Promise<{ code: unknown; errors: string }> {
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const env = { ...process.env, PORTKV_URL: url, PORTKV_KEY: server.projectKey };
    return new Promise((done) => {
      execFile(process.execPath, [resolve('bin/portkv.js'), ...args], { env, timeout: 60_000 }, (error, _, errors) =>
        done({ code: error?.code ?? 0, errors }),
      );
    });
  }

  const all = async () => {
    const answer = await fetch(`${server.address}/api/v1/projects/${PROJECT}/export`, {
      headers: { authorization: `Bearer ${server.projectKey}` },
    });
    return contents({ status: 200, bytes: Buffer.from(await answer.arrayBuffer()) });
  };

  it('goes on with an export after the last key that arrived', async () => {
    cuts = [{ down: 1_000_000 }, { down: 2_000_000 }];
    const { code, errors } = await portkv('export', PROJECT, file);
    expect(code, errors).to.equal(0);
    expect(errors).to.include('it broke off 2 times');
    expect(contents({ status: 200, bytes: await readFile(file) })).to.deep.equal(await all());
  }).timeout(60_000);

  it('keeps an unfinished export if the server stays away, and can resume it', async () => {
    const other = join(server.folder, 'other.ndjson');
    cuts = [{ down: 3_000_000 }, ...Array.from({ length: 6 }, () => ({ up: 0 }))];
    const broken = await portkv('export', PROJECT, other);
    expect(broken.code).to.equal(6);
    expect(broken.errors).to.include('--resume');
    expect(await readdir(server.folder))
      .to.include('other.ndjson.partial')
      .and.not.include('other.ndjson');
    cuts = [];
    const { code, errors } = await portkv('export', PROJECT, other, '--resume');
    expect(code, errors).to.equal(0);
    expect(contents({ status: 200, bytes: await readFile(other) })).to.deep.equal(await all());
  }).timeout(60_000);

  it('sends only the part of an import again that broke off', async () => {
    const key = await server.project('copy');
    cuts = [{ up: 100_000 }, { down: 0 }, { up: 5_000_000 }];
    const { code, errors } = await portkv('import', 'copy', file, '--key', key);
    expect(code, errors).to.equal(0);
    expect(errors).to.include(`${COUNT} in the file`);
    const copy = await server.call('GET', 'copy/store?count=only', { key });
    expect(copy.json.data.count).to.equal(COUNT);
  }).timeout(60_000);

  it('names the last key of an import that is stored if the server stays away, and can go on after it', async () => {
    const key = await server.project('later');
    cuts = [{ up: 6_000_000 }, ...Array.from({ length: 6 }, () => ({ up: 0 }))];
    const broken = await portkv('import', 'later', file, '--key', key);
    expect(broken.code).to.equal(6);
    const [, last] = /all up to (".*"): go on with --after/.exec(broken.errors) ?? [];
    const stored = (await server.call('GET', 'later/store?count=only', { key })).json.data.count as number;
    expect(stored).to.be.within(1, COUNT - 1);
    cuts = [];
    const { code, errors } = await portkv('import', 'later', file, '--key', key, '--after', JSON.parse(last as string));
    expect(code, errors).to.equal(0);
    expect((await server.call('GET', 'later/store?count=only', { key })).json.data.count).to.equal(COUNT);
  }).timeout(60_000);

  it('imports nothing of a file with a broken line, and names that line', async () => {
    const key = await server.project('none');
    const lines = (await readFile(file, 'utf8')).split('\n');
    lines[1500] = '{"key":"broken"}';
    const broken = join(server.folder, 'broken.ndjson');
    await writeFile(broken, lines.join('\n'));
    const { code, errors } = await portkv('import', 'none', broken, '--key', key);
    expect(code, errors).to.equal(2);
    expect(errors).to.include('Line 1501');
    expect((await server.call('GET', 'none/store?count=only', { key })).json.data.count).to.equal(0);
  }).timeout(60_000);
});
