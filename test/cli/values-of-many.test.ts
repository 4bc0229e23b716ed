import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { type CommandOutput, onlyLine, runHere } from '../harness/portkv-here.js';
import { TestServer } from '../harness/test-server.js';

const P = 'first_project';
const JSON_TYPE = 'application/json';
/** Entries in the order of their keys, with what --json shows of the value and what a line shows. */
const ENTRIES: readonly (readonly [key: string, type: string, bytes: Buffer, shown: string, line: string])[] = [
  ['a\tb\n\\', 'text/plain', Buffer.from('ü "q"'), '"value":"ü \\"q\\""', 'a\\tb\\n\\\\\tü "q"'],
  ['empty', 'text/plain', Buffer.alloc(0), '"value":""', 'empty\t'],
  [
    'json',
    JSON_TYPE,
    Buffer.from('{"a":1.0,\r\n"a":1e5}'),
    '"value":{"a":1.0, "a":1e5}',
    'json\t{"a":1.0,\\r\\n"a":1e5}',
  ],
  [
    'large',
    JSON_TYPE,
    Buffer.from('12345678901234567890'),
    '"value":12345678901234567890',
    'large\t12345678901234567890',
  ],
  ['lines', 'text/plain', Buffer.from('\u2028\u0085\u001b'), '"value":', 'lines\t\\xe2\\x80\\xa8\\xc2\\x85\\x1b'],
  ['no utf-8', 'image/png', Buffer.from([0, 65, 0xc3, 0xff]), '"value":"AEHD/w=="', 'no utf-8\t\\x00A\\xc3\\xff'],
  ['same', 'text/plain', Buffer.from('\\x41'), '"value":"\\\\x41"', 'same\t\\\\x41'],
];
const LINES = ENTRIES.map(([, , , , line]) => `${line}\n`);

describe('list and watch with --values', () => {
  let server: TestServer;
  let env: Record<string, string>;
  before(async () => {
    server = await TestServer.start();
    env = { PORTKV_URL: server.address, PORTKV_KEY: server.projectKey };
    await putAll();
  });
  after(() => server.stop());

  const portkv = (...args: string[]) => runHere(args, env);
  async function succeed(...args: string[]): Promise<CommandOutput> {
    const result = await portkv(...args);
    expect(result.code, `${args.join(' ')}: ${result.errors}`).to.equal(0);
    return result;
  }
  async function putAll(): Promise<void> {
    for (const [key, type, bytes] of ENTRIES) {
      const headers = { 'Content-Type': type, 'KV-Meta': '{"n":1.0}' };
      const path = `${P}/values/${encodeURIComponent(key)}`;
      await server.call('PUT', path, { key: server.projectKey, body: bytes, headers });
    }
  }

  it('print a line for each entry, whatever its bytes are', async () => {
    expect((await succeed('list', P, '--values')).out).to.equal(LINES.join(''));
    expect((await succeed('list', P, '--values', '--reverse', '--limit', '2')).out).to.equal(
      LINES.slice(-2).reverse().join(''),
    );
    expect((await succeed('list', P, '--values', '--start', 'json', '--end', 'lines')).out).to.equal(
      LINES.slice(2, 4).join(''),
    );
    expect((await succeed('list', P, '--values', '--prefix', 'none')).out).to.equal('');
  });

  it('lose nothing in a line: printf of bash gives the bytes back', () => {
    for (const [key, , bytes, , line] of ENTRIES) {
      const parts = line.split('\t').map((part) => execFileSync('bash', ['-c', 'printf %b "$1"', 'bash', part]));
      expect(parts.map((part) => part.toString('hex'))).to.deep.equal([
        Buffer.from(key).toString('hex'),
        bytes.toString('hex'),
      ]);
    }
  });

  it('show entries digit for digit with --json, in one line', async () => {
    const { out } = await succeed('list', P, '--values', '--json');
    expect(out).to.match(/^[^\n]*\n$/);
    const { items } = JSON.parse(out);
    expect(items.map(({ key }: { key: string }) => key)).to.deep.equal(ENTRIES.map(([key]) => key));
    for (const [, , , shown] of ENTRIES) expect(out).to.include(shown);
    expect(out.split('"meta":{"n":1.0}')).to.have.length(ENTRIES.length + 1);
    expect(items[5]).to.include({ encoding: 'base64', content_type: 'image/png', size_bytes: 4 });
    expect((await succeed('list', P, '--values', '--json', '--prefix', 'none')).out).to.equal('{"items":[]}\n');
  });

  it('list more than one page', async () => {
    const key = await server.project('long');
    const keys = Array.from({ length: 450 }, (_, i) => `k${String(i).padStart(3, '0')}`);
    const operations = keys.map((one) => ({ put: { key: one, text: `of ${one}` } }));
    await server.call('POST', 'long/transactions', { key, body: JSON.stringify({ operations }) });
    const list = async (...more: string[]) => (await succeed('list', 'long', '--key', key, '--values', ...more)).out;
    const lines = keys.map((one) => `${one}\tof ${one}\n`);
    expect(await list()).to.equal(lines.join(''));
    expect(await list('--limit', '201')).to.equal(lines.slice(0, 201).join(''));
    const { items } = JSON.parse(await list('--json'));
    expect(items.map((item: { value: string }) => item.value)).to.deep.equal(keys.map((one) => `of ${one}`));
  });

  it('print each change in a line, with the value that was put', async () => {
    const { since } = (await server.call('GET', `${P}/changes?wait=0`, { key: server.projectKey })).json.data;
    await server.call('PUT', `${P}/values/gone`, { key: server.projectKey, body: 'x' });
    await server.call('DELETE', `${P}/values/gone`, { key: server.projectKey });
    await putAll();
    const args = ['watch', P, '--values', '--since', since, '--changes', String(ENTRIES.length + 2)];
    const { out } = await succeed(...args);
    const [put, deleted, ...others] = out.split(/(?<=\n)/);
    expect(put).to.match(/^put \w+ gone\n$/);
    expect(deleted).to.match(/^delete \w+ gone\n$/);
    expect(others.map((line) => line.replace(/^put \w+ /, ''))).to.deep.equal(LINES);
    const lines = (await succeed(...args, '--json')).out.split(/(?<=\n)/).slice(2);
    for (const [i, [key, , , shown]] of ENTRIES.entries()) {
      expect(JSON.parse(lines[i] ?? '')).to.deep.include({ event: 'put', key });
      expect(lines[i]).to.include(shown).and.to.include('"meta":{"n":1.0}');
    }
    expect(JSON.parse(lines.at(-1) ?? ''))
      .to.have.property('since')
      .that.is.a('string');
    const stale = await succeed('watch', P, '--values', '--since', 'of-another-start', '--changes', '1');
    expect(stale.out).to.equal('resync\n');
  });

  it('need the scope read, and know no separator', async () => {
    const body = JSON.stringify({ name: 'blind', scopes: ['list', 'watch'] });
    const { json } = await server.call('POST', `${P}/api-keys`, { key: server.projectKey, body });
    for (const command of ['list', 'watch']) {
      const result = await portkv(command, P, '--values', '--key', json.data.key);
      expect([result.code, result.out], command).to.deep.equal([5, '']);
      expect(result.errors).to.include('read');
    }
    const wrong = await portkv('list', P, '--values', '--separator', '/');
    expect(wrong.code).to.equal(2);
    expect(onlyLine(wrong)).to.include('--values').and.to.include('--separator');
  });
});
