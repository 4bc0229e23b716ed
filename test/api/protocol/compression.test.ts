import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { send } from '../../harness/http-client.js';
import { TestServer } from '../../harness/test-server.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('Compression', () => {
  let server: TestServer;
  let key: string;
  before(async () => {
    server = await TestServer.start();
    key = server.projectKey;
    for (let i = 0; i < 30; i++) {
      await server.call('PUT', `first_project/values/k${i}`, { key, body: 'v'.repeat(100) });
    }
    await server.call('PUT', 'first_project/values/large', { key, body: 'v'.repeat(5000) });
  });
  after(() => server.stop());

  // fetch undoes the encoding, but keeps the header.
  const get = (path: string, encoding: string) =>
    server.call('GET', path, { key, headers: { 'accept-encoding': encoding } });

  it('is used for pages of a list, in the encoding that the client prefers', async () => {
    const path = 'first_project/store?limit=20';
    for (const [accepted, used] of [
      ['gzip', 'gzip'],
      ['br', 'br'],
      ['gzip, deflate, br', 'br'],
      ['br;q=0.5, gzip;q=0.9', 'gzip'],
      ['br;q=0, gzip', 'gzip'],
      ['GZIP', 'gzip'],
      ['*', 'br'],
      ['identity', null],
      ['gzip;q=0', null],
      ['deflate', null],
    ] as const) {
      const { headers, json } = await get(path, accepted);
      expect(headers.get('content-encoding'), accepted).to.equal(used);
      expect(headers.get('vary'), accepted).to.equal('Accept-Encoding');
      expect(Object.keys(json.data.items)).to.have.length(20);
    }
  });

  it('can be undone by gzip and brotli', async () => {
    const whole = await get('first_project/store?limit=20', 'identity');
    const { gzip, brotli } = { gzip: await bytes('gzip'), brotli: await bytes('br') };
    expect(gunzipSync(gzip).toString()).to.equal(whole.text);
    expect(brotliDecompressSync(brotli).toString()).to.equal(whole.text);
  });

  async function bytes(encoding: string): Promise<Buffer> {
    const { request } = await import('node:http');
    const url = `${server.address}/api/v1/projects/first_project/store?limit=20`;
    return new Promise((resolve, reject) => {
      const sent = request(url, { headers: { 'x-api-key': key, 'accept-encoding': encoding } }, async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        const body = Buffer.concat(chunks);
        expect(Number(response.headers['content-length'])).to.equal(body.length);
        resolve(body);
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  it('is used for lists of API keys and snapshots, transactions, forms, and the pages below /docs', async () => {
    await promisify(execFile)(process.execPath, ['scripts/copy-docs.js']);
    const owner = await server.project('many');
    for (let i = 0; i < 8; i++) {
      const body = JSON.stringify({ name: `key ${i} ${'n'.repeat(50)}`, scopes: ['read'] });
      expect((await server.call('POST', 'many/api-keys', { key: owner, body })).status).to.equal(201);
      expect((await server.call('POST', 'many/snapshots', { key: owner })).status).to.equal(201);
    }
    const operations = Array.from({ length: 60 }, (_, i) => ({ put: { key: `k${i}`, text: '' } }));
    const body = JSON.stringify({ operations });
    const form = operations.map((_, i) => `f${i}=1`).join('&');
    for (const encoding of ['gzip', 'br']) {
      const headers = { 'accept-encoding': encoding };
      for (const answer of [
        await server.call('GET', 'many/api-keys', { key: owner, headers }),
        await server.call('GET', 'many/snapshots', { key: owner, headers }),
        await server.call('POST', 'many/transactions', { key: owner, headers, body }),
        await server.call('POST', 'many/store', { key: owner, headers: { ...headers, ...FORM }, body: form }),
      ]) {
        expect([answer.status, answer.headers.get('content-encoding'), answer.json?.status_code]).to.deep.equal([
          200,
          encoding,
          200,
        ]);
      }
      for (const page of ['errors', 'swagger-ui.css', 'swagger-ui-bundle.js']) {
        const whole = await get(`/docs/${page}`, 'identity');
        const packed = await get(`/docs/${page}`, encoding);
        expect(whole.headers.get('content-encoding'), page).to.equal(null);
        expect(packed.headers.get('content-encoding'), page).to.equal(encoding);
        expect(packed.headers.get('content-type'), page).to.equal(whole.headers.get('content-type'));
        expect([whole, packed].map(({ headers }) => headers.get('vary'))).to.deep.equal(
          Array(2).fill('Accept-Encoding'),
        );
        expect(packed.text === whole.text, page).to.equal(true);
        const since = packed.headers.get('last-modified');
        if (since === null) continue;
        const again = { 'accept-encoding': encoding, 'if-modified-since': since };
        expect((await send(server.address, 'GET', `/docs/${page}`, { headers: again })).status, page).to.equal(304);
      }
    }
  });

  it('is used from 1 KiB on, counted in bytes', async () => {
    const owner = await server.project('umlauts');
    const list = (encoding: string) =>
      server.call('GET', 'umlauts/store?limit=1', { key: owner, headers: { 'accept-encoding': encoding } });
    await server.call('PUT', 'umlauts/values/k', { key: owner, body: '' });
    const rest = Buffer.byteLength((await list('identity')).text);
    for (const [bytes, used] of [
      [1024, 'gzip'],
      [1020, null],
    ] as const) {
      const body = 'é'.repeat(Math.floor((bytes - rest) / 2));
      await server.call('PUT', 'umlauts/values/k', { key: owner, body });
      const { headers, text } = await list('gzip');
      expect(Buffer.byteLength(text)).to.be.within(bytes - 4, bytes + 4);
      expect(headers.get('content-encoding'), `${bytes}`).to.equal(used);
    }
  });

  it('is used for the whole store and for exports, while they are streamed', async () => {
    for (const path of ['first_project/store', 'first_project/export']) {
      const whole = await get(path, 'identity');
      expect([whole.headers.get('content-encoding'), whole.headers.get('vary')]).to.deep.equal([
        null,
        'Accept-Encoding',
      ]);
      for (const [accepted, used] of [
        ['gzip', 'gzip'],
        ['br', 'br'],
        ['gzip;q=0', null],
      ] as const) {
        const { headers, text } = await get(path, accepted);
        expect([headers.get('content-encoding'), headers.get('vary')], path).to.deep.equal([used, 'Accept-Encoding']);
        const lines = (of: string) => (path.endsWith('export') ? of.split('\n').slice(1, -2).join('\n') : of);
        expect(lines(text), path).to.equal(lines(whole.text));
      }
    }
  });

  it('is never used for a single entry, a stream of events, a short response, or an error', async () => {
    const paths = ['values/large', 'store/large', 'store/large/value', 'store?limit=1&prefix=k', 'store?limit=0'];
    for (const path of paths) {
      expect((await get(`first_project/${path}`, 'gzip, br')).headers.get('content-encoding'), path).to.equal(null);
    }
  });
});
