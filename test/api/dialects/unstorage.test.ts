import { expect } from 'chai';
import { type HttpResponse, type RequestOptions, send } from '../../harness/http-client.js';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

onEveryEngine('The dialect of unstorage', (on) => {
  let project: TestProject;
  before(async () => {
    project = await on.project({ dialects: ['unstorage'], limits: { max_value_bytes: 1000 } });
  });

  /** `path` is relative to the base of the driver. */
  function ask(method: string, path: string, { headers, ...rest }: RequestOptions = {}): Promise<HttpResponse> {
    const authorized = { authorization: `Bearer ${project.key}`, ...headers };
    return send(project.server.address, method, `/unstorage/${project.id}/${path}`, { ...rest, headers: authorized });
  }

  it('keeps an item under its key with colons, with the type that its bytes suggest', async () => {
    const { status, text } = await ask('PUT', 'a/b', {
      body: '{"x":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect([status, text]).to.deep.equal([200, 'OK']);
    await ask('PUT', 'a/text', { body: 'hello', headers: { 'content-type': 'application/json' } });
    await ask('PUT', 'a/own', { body: 'a,b', headers: { 'content-type': 'text/csv' } });
    const types = [];
    for (const key of ['a:b', 'a:text', 'a:own']) types.push((await project.get(key)).headers['content-type']);
    expect(types).to.deep.equal(['application/json', 'text/plain; charset=utf-8', 'text/csv']);
    for (const path of ['a/b', 'a:b', '/a//b', 'a%2Fb', 'a%3Ab', 'a%5Cb']) {
      const { status, text, headers } = await ask('GET', path);
      expect([status, text, headers['content-type']], path).to.deep.equal([200, '{"x":1}', 'application/json']);
    }
    expect((await ask('GET', 'a/own')).headers['content-type']).to.equal('text/plain; charset=utf-8');
  });

  it('returns bytes as they are', async () => {
    const body = Buffer.from([0, 1, 255, 10]);
    await ask('PUT', 'raw', { body, headers: { 'content-type': 'application/octet-stream' } });
    for (const accept of ['application/octet-stream', '*/*']) {
      const { bytes: read, headers } = await ask('GET', 'raw', { headers: { accept } });
      expect([read, headers['content-type']]).to.deep.equal([body, 'application/octet-stream']);
    }
    await ask('PUT', 'text', { body: '{"a":1}' });
    const { headers } = await ask('GET', 'text', { headers: { accept: 'application/octet-stream' } });
    expect(headers['content-type']).to.equal('application/octet-stream');
  });

  it('has the time of a change and the seconds that are left, for GET and HEAD', async () => {
    await ask('PUT', 'brief', { body: 'x', headers: { 'x-ttl': '100' } });
    for (const method of ['GET', 'HEAD']) {
      const { headers, text } = await ask(method, 'brief');
      expect(Number(headers['x-ttl']), method).to.be.within(1, 100);
      expect(Date.parse(String(headers['last-modified']))).to.be.a('number').and.not.NaN;
      expect(headers['cache-control']).to.equal('private, no-cache');
      expect(text).to.equal(method === 'HEAD' ? '' : 'x');
    }
    on.clock.shift += 100_000;
    expect((await ask('HEAD', 'brief')).status).to.equal(404);
    expect((await ask('GET', 'brief')).status).to.equal(404);
    await ask('PUT', 'lasting', { body: 'x' });
    expect((await ask('HEAD', 'lasting')).headers).not.to.have.property('x-ttl');
  });

  it('lists the keys below a base, more than a page, and only those that unstorage can write', async () => {
    const operations = Array.from({ length: 1000 }, (_, i) => ({ put: { key: `many:${i}`, text: '' } }));
    await project.run({ operations });
    for (const key of ['many:x:y', 'many:', 'many::z', 'many/slash', ':many', 'many:\\', 'manyfold']) {
      await project.put(key, '');
    }
    const { text, headers } = await ask('GET', 'many/:');
    const keys = JSON.parse(text);
    expect(headers['content-type']).to.equal('application/json');
    expect(keys).to.have.length(1001);
    expect(keys).to.include.members(['many/0', 'many/999', 'many/x/y']);
    for (const path of ['many:', 'many/', '/many/:']) expect((await ask('GET', path)).text, path).to.equal(text);
    expect(JSON.parse((await ask('GET', ':')).text)).to.include.members(['many/0', 'manyfold', 'a/b']);
    expect(JSON.parse((await ask('GET', '')).text)).to.have.length.above(1001);
    expect((await ask('GET', 'nothing/:')).text).to.equal('[]');
  });

  it('removes an item, also one that is missing, what is below a base, and all', async () => {
    for (const path of ['a/b', 'a/b']) {
      const { status, text } = await ask('DELETE', path);
      expect([status, text]).to.deep.equal([200, 'OK']);
    }
    expect((await ask('DELETE', 'many/:')).status).to.equal(200);
    expect(JSON.parse((await ask('GET', ':')).text))
      .to.include('manyfold')
      .and.not.include('many/0');
    expect((await project.get('many/slash')).status).to.equal(200);
    expect((await ask('DELETE', ':')).status).to.equal(200);
    expect((await project.send('GET', 'store?count=only')).text).to.contain('"count":0');
  });

  it('refuses what it does not understand, in the shape of errors of h3', async () => {
    const long = 'k'.repeat(513);
    const cases: [method: string, path: string, options: RequestOptions, status: number, message: RegExp][] = [
      ['GET', 'missing', {}, 404, /^Key 'missing' not found/],
      ['PUT', 'a/', { body: 'x' }, 400, /^PUT needs the key of an item; this is a base$/],
      ['PUT', ':', { body: 'x' }, 400, /^PUT needs/],
      ['GET', long, {}, 400, /512 bytes/],
      ['PUT', 'a', { body: 'x'.repeat(1001) }, 413, /at most 1000 bytes/],
      ['PUT', 'a', { body: 'x', headers: { 'x-ttl': 'soon' } }, 400, /^X-TTL must be a number of seconds above 0/],
      ['PUT', 'a', { body: 'x', headers: { 'x-ttl': '0' } }, 400, /^X-TTL must be/],
      ['PUT', 'a', { body: 'x', headers: { 'x-ttl': '1e9' } }, 400, /^X-TTL must be/],
      ['PUT', 'a', { body: 'x', headers: { 'if-match': '"a"' } }, 400, /takes no If-Match/],
      ['GET', 'a?depth=1', {}, 400, /^unknown query parameter "depth"/],
      ['POST', 'a', { body: 'x' }, 405, /^POST is not possible here; possible: GET, HEAD, PUT, DELETE, OPTIONS$/],
      ['GET', 'a', { headers: { authorization: 'Bearer x' } }, 401, /^Invalid or missing API key$/],
    ];
    for (const [method, path, options, status, message] of cases) {
      const { status: is, text, headers } = await ask(method, path, options);
      const { statusCode, statusMessage, stack, data } = JSON.parse(text);
      expect([is, statusCode, stack], `${method} ${path}`).to.deep.equal([status, status, []]);
      expect(statusMessage).to.match(message);
      expect(data.code).to.be.a('string');
      expect(headers['content-type']).to.equal('application/json');
    }
    expect((await ask('HEAD', 'a/')).status).to.equal(400);
    expect((await ask('HEAD', 'missing')).status).to.equal(404);
    expect((await project.send('GET', 'store?count=only')).text).to.contain('"count":0');
  });

  it('lists nothing if the project hides its keys', async () => {
    await ask('PUT', 'a', { body: 'x' });
    await project.configure({ security: { keys_and_values_discoverable: false } });
    expect((await ask('GET', ':')).status).to.equal(403);
    expect((await ask('GET', 'a')).text).to.equal('x');
    await project.configure({ security: { keys_and_values_discoverable: true } });
  });
});
