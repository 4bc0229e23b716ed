import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type CommandOutput, onlyLine, runHere } from '../harness/portkv-here.js';
import { TestServer } from '../harness/test-server.js';

const P = 'first_project';
/** Values of each kind, with the encoding that --json names. */
const VALUES: readonly (readonly [name: string, type: string, bytes: Buffer, encoding: string])[] = [
  ['text', 'text/plain', Buffer.from('ü'), 'text'],
  ['text that looks like JSON', 'text/plain', Buffer.from('"q"'), 'text'],
  ['nothing', 'text/plain', Buffer.alloc(0), 'text'],
  ['a line feed at the end', 'text/plain', Buffer.from('a\n'), 'text'],
  ['numbers that JavaScript cannot hold', 'application/json', Buffer.from('[1e5,1.0,12345678901234567890]'), 'json'],
  ['JSON in several lines', 'application/ld+json; charset=utf-8', Buffer.from('{"a":\r\n1,\n"a":2}'), 'json'],
  ['all bytes', 'application/octet-stream', Buffer.from(Array.from({ length: 256 }, (_, i) => i)), 'base64'],
];
const KEYS = ['plain', '..', '.', 'a/b', 'a b?c#d%', 'ü', '--odd', 'line\nfeed'];

describe('The commands for entries', () => {
  let server: TestServer;
  let env: Record<string, string>;
  before(async () => {
    server = await TestServer.start();
    env = { PORTKV_URL: server.address, PORTKV_KEY: server.projectKey };
  });
  after(() => server.stop());

  const portkv = (...args: string[]) => runHere(args, env);
  async function succeed(...args: string[]): Promise<CommandOutput> {
    const result = await portkv(...args);
    expect(result.code, `${args.join(' ')}: ${result.errors}`).to.equal(0);
    return result;
  }
  const json = async (...args: string[]) => JSON.parse((await succeed(...args, '--json')).out);

  for (const [name, type, bytes, encoding] of VALUES) {
    it(`store and print ${name} byte for byte, and lose nothing with --json`, async () => {
      const file = join(server.folder, 'value');
      await writeFile(file, bytes);
      await succeed('put', P, 'value', '--file', file, '--type', type);
      expect((await succeed('get', P, 'value')).bytes.equals(bytes)).to.equal(true);
      const { out } = await succeed('get', P, 'value', '--json');
      expect(JSON.parse(out)).to.include({ key: 'value', encoding, content_type: type, size_bytes: bytes.length });
      const value = JSON.parse(out).value;
      if (encoding === 'json') expect(out).to.include(`"value":${bytes.toString().replace(/[\r\n]+/g, ' ')},`);
      else expect(Buffer.from(value, encoding === 'base64' ? 'base64' : 'utf8').equals(bytes)).to.equal(true);
      expect(out.trimEnd().split('\n')).to.have.length(1);
    });
  }

  it('reach every key, also those that a URL would change', async () => {
    for (const key of KEYS) {
      await succeed('put', '--', P, key, key);
      await succeed('append', '--', P, key, '+');
      await succeed('touch', '--', P, key, '1h');
      expect((await succeed('get', '--', P, key)).out).to.equal(`${key}+`);
      await succeed('delete', '--', P, key);
      expect((await portkv('get', '--', P, key)).code).to.equal(4);
      expect((await succeed('incr', '--', P, key, '7')).out).to.equal('7\n');
      await succeed('delete', '--', P, key);
    }
  });

  it('count as far as one likes, also downwards', async () => {
    expect((await succeed('incr', P, 'n')).out).to.equal('1\n');
    expect((await succeed('incr', P, 'n', '99999999999999999999')).out).to.equal('100000000000000000000\n');
    const { out } = await succeed('incr', P, 'n', '-5', '--json');
    expect(out).to.match(/^\{"key":"n","value":99999999999999999995,"expires_at":null,"version":"\w+"\}\n$/);
  });

  it('delete, and with --return-old print what was there, byte for byte', async () => {
    for (const key of KEYS) {
      for (const [name, type, bytes, encoding] of VALUES.filter(([, , { length }]) => length > 0)) {
        const file = join(server.folder, 'old');
        await writeFile(file, bytes);
        const put = ['put', '--file', file, '--type', type, '--meta', '{"n":1.0}', '--', P, key];
        await succeed(...put);
        expect((await succeed('delete', '--return-old', '--', P, key)).bytes.equals(bytes), `${key}: ${name}`).to.equal(
          true,
        );
        await succeed(...put);
        const { out } = await succeed('delete', '--return-old', '--json', '--', P, key);
        expect(JSON.parse(out)).to.deep.include({ key, deleted: true });
        expect(JSON.parse(out).old).to.include({ content_type: type, encoding, size_bytes: bytes.length });
        expect(out)
          .to.include('"meta":{"n":1.0},')
          .and.match(/^[^\n]*\n$/);
        if (encoding === 'json') expect(out).to.include(`"value":${bytes.toString().replace(/[\r\n]+/g, ' ')},`);
      }
      const missing = await portkv('delete', '--return-old', '--', P, key);
      expect([missing.code, missing.out]).to.deep.equal([4, '']);
    }
    await succeed('put', P, 'kept', 'x');
    const refused = await portkv('delete', P, 'kept', '--return-old', '--if-version', 'other');
    expect([refused.code, refused.out]).to.deep.equal([5, '']);
    expect((await succeed('get', P, 'kept')).out).to.equal('x');
  });

  it('count in windows: a counter expires as it was created', async () => {
    const { expires_at: first } = await json('incr', P, 'window', '--ttl', '1h');
    expect(first).to.be.greaterThan(Date.now() / 1000);
    await succeed('put', P, 'window', '5', '--keep-ttl', '--meta', '{"value":7}');
    expect(await json('incr', P, 'window', '--ttl', '5h')).to.include({ value: 6, expires_at: first });
    expect((await json('incr', P, 'lasting')).expires_at).to.equal(null);
  });

  it('write only under a condition, else they exit with 5 and change nothing', async () => {
    const { version, created } = await json('put', P, 'if', 'one', '--if-absent');
    expect(created).to.equal(true);
    expect((await portkv('put', P, 'if', 'two', '--if-absent')).code).to.equal(5);
    expect((await portkv('delete', P, 'if', '--if-version', 'other')).code).to.equal(5);
    expect((await portkv('append', P, 'other', 'x', '--if-exists')).code).to.equal(5);
    expect((await succeed('get', P, 'if')).out).to.equal('one');
    expect(await json('put', P, 'if', 'two', '--if-version', version)).to.include({ key: 'if', created: false });
    expect(await json('delete', P, 'if')).to.deep.equal({ key: 'if', deleted: true });
  });

  it('set, keep and remove an expiry', async () => {
    const at = '2031-01-02T03:04:05.000Z';
    await succeed('put', P, 'e', '1', '--expires-at', at);
    await succeed('put', P, 'e', '2', '--keep-ttl');
    expect((await json('get', P, 'e')).expires_at).to.equal(Date.parse(at) / 1000);
    await succeed('put', P, 'e', '3');
    expect((await json('get', P, 'e')).expires_at).to.equal(null);
    await succeed('put', P, 'e', '4', '--ttl', '2h');
    expect((await json('get', P, 'e')).expires_at).to.be.greaterThan(Date.now() / 1000);
    expect((await succeed('touch', P, 'e', '1.5')).out).to.match(/^20\d\d-.*Z\n$/);
    expect((await succeed('touch', P, 'e', 'never')).out).to.equal('never\n');
    expect(await json('touch', P, 'e', 'never')).to.include({ key: 'e', expires_at: null });
  });

  it('keep metadata, digit for digit, as long as it is asked for', async () => {
    await succeed('put', P, 'm', '1', '--meta', '{"n":1e5,\n"ü":"😀"}');
    expect((await succeed('get', P, 'm', '--json')).out).to.include('"n":1e5');
    expect((await json('get', P, 'm')).meta).to.deep.equal({ n: 100_000, ü: '😀' });
    await succeed('put', P, 'm', '2', '--keep-meta');
    expect((await json('get', P, 'm')).meta).to.deep.equal({ n: 100_000, ü: '😀' });
    await succeed('put', P, 'm', '3');
    expect((await json('get', P, 'm')).meta).to.equal(null);
    const large = await portkv('put', P, 'm', '4', '--meta', JSON.stringify({ a: 'x'.repeat(1024) }));
    expect(large.code, large.errors).to.equal(5);
    expect(onlyLine(large)).to.include('KV-Meta');
  });

  it('list and count keys in the order of their bytes, beyond one page', async () => {
    const key = await server.project('long');
    const keys = Array.from({ length: 2_500 }, (_, i) => `dir${i % 3}/${String(i).padStart(5, '0')}`).sort();
    for (let at = 0; at < keys.length; at += 500) {
      const operations = keys.slice(at, at + 500).map((one) => ({ put: { key: one, text: '' } }));
      await server.call('POST', 'long/transactions', { key, body: JSON.stringify({ operations }) });
    }
    const list = async (...options: string[]) => (await succeed('list', 'long', '--key', key, ...options)).out;
    expect(await list()).to.equal(`${keys.join('\n')}\n`);
    expect(JSON.parse(await list('--json'))).to.deep.equal({ keys });
    expect(await list('--limit', '1200')).to.equal(`${keys.slice(0, 1200).join('\n')}\n`);
    expect(await list('--separator', '/')).to.equal('dir0/\ndir1/\ndir2/\n');
    const [reversed, some] = [[...keys].reverse(), keys.filter((one) => one >= 'dir1/00010' && one < 'dir2/')];
    expect(await list('--reverse')).to.equal(`${reversed.join('\n')}\n`);
    expect(await list('--reverse', '--limit', '1200')).to.equal(`${reversed.slice(0, 1200).join('\n')}\n`);
    expect(await list('--start', 'dir1/00010', '--end', 'dir2/')).to.equal(`${some.join('\n')}\n`);
    expect(await list('--separator', '/', '--reverse')).to.equal('dir2/\ndir1/\ndir0/\n');
    expect(await list('--prefix', 'none')).to.equal('');
    expect(await list('--prefix', 'none', '--json')).to.equal('{"keys":[]}\n');
    expect((await succeed('count', 'long', '--prefix', 'dir1/', '--key', key)).out).to.equal('833\n');
    expect(await json('count', 'long', '--key', key)).to.deep.equal({ count: 2_500 });
  });

  it('print changes as they happen, and go on after a token', async () => {
    await succeed('put', P, 'w/before', '1');
    const [first] = await Promise.all([
      portkv('watch', P, '--prefix', 'w/', '--changes', '1', '--json'),
      whileWatched(server, 'w/a'),
    ]);
    const { event, key, version, since } = JSON.parse(first.out);
    expect([event, key]).to.deep.equal(['put', 'w/a']);
    await server.call('PUT', `${P}/values/w%2Fb`, { key: server.projectKey, body: '1' });
    await server.call('DELETE', `${P}/values/w%2Fb`, { key: server.projectKey });
    const { out } = await succeed('watch', P, '--prefix', 'w/b', '--since', since, '--changes', '2');
    expect(out).to.match(/^put \w+ w\/b\ndelete \w+ w\/b\n$/);
    expect(version).to.match(/^\w+$/);
    const stale = await succeed('watch', P, '--since', 'of-another-start', '--changes', '1');
    expect(stale.out).to.equal('resync\n');
  });

  it('name an entry that is missing, with exit code 4 and nothing on standard output', async () => {
    for (const args of [['get'], ['delete'], ['touch', '1h']]) {
      const [command = '', ...more] = args;
      const result = await portkv(command, P, 'missing', ...more);
      expect(result.code, command).to.equal(4);
      expect(onlyLine(result)).to.include("'missing'");
      expect(result.out).to.equal('');
    }
  });

  it('do the same on the data of a stopped server, whatever TMPDIR is', async () => {
    const local = ['--config', join(server.folder, 'config.json')];
    const long = join(server.folder, 'long'.repeat(30));
    await mkdir(long);
    await server.restart(async () => {
      env = {};
      await succeed('put', P, 'local', 'of a stopped server', ...local);
      expect((await succeed('get', P, 'local', ...local)).out).to.equal('of a stopped server');
      expect((await succeed('list', P, '--prefix', 'loc', ...local)).out).to.equal('local\n');
      for (const TMPDIR of [long, join(server.folder, 'missing'), '/proc']) {
        const { code, errors } = await runHere(['count', P, ...local], { TMPDIR });
        expect([code, errors], TMPDIR).to.deep.equal([0, '']);
      }
      const watching = await portkv('watch', P, ...local);
      expect([watching.code, onlyLine(watching)]).to.deep.equal([6, 'No server is running, so nothing can change']);
    });
    const { text } = await server.call('GET', `${P}/values/local`, { key: server.projectKey });
    expect(text).to.equal('of a stopped server');
  });
});

/** Writes the key until a watch must have seen it. */
async function whileWatched(server: TestServer, key: string): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const path = `${P}/values/${encodeURIComponent(key)}`;
    await server.call('PUT', path, { key: server.projectKey, body: String(i) });
  }
}
