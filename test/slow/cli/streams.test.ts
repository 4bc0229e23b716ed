import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

const BIN = resolve('bin/portkv.js');
const P = 'first_project';
const ALL_BYTES = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 256));

describe('Standard input and output of commands', () => {
  let server: TestServer;
  let home: string;
  before(async () => {
    server = await TestServer.start();
    home = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  after(async () => {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  });

  const variables = () => ({ PATH: process.env.PATH, HOME: home, PORTKV_URL: server.address });

  async function portkv(args: readonly string[], input: string | Buffer, env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [BIN, ...args], { env: { ...variables(), ...env } });
    child.stdin.on('error', () => undefined).end(input);
    const ended = new Promise<number | null>((done) => child.once('close', done));
    const [bytes, errors] = await Promise.all([buffer(child.stdout), text(child.stderr)]);
    return { code: await ended, bytes, errors };
  }

  it('carry values byte for byte', async () => {
    const key = { PORTKV_KEY: server.projectKey };
    expect((await portkv(['put', P, 'bytes', '-'], ALL_BYTES, key)).code).to.equal(0);
    expect((await portkv(['append', P, 'bytes', '-'], ALL_BYTES, key)).code).to.equal(0);
    const { code, bytes } = await portkv(['get', P, 'bytes'], '', key);
    expect([code, bytes.equals(Buffer.concat([ALL_BYTES, ALL_BYTES]))]).to.deep.equal([0, true]);
    expect((await portkv(['put', P, 'nothing', '-'], '', key)).code).to.equal(0);
    expect((await portkv(['get', P, 'nothing'], '', key)).bytes).to.have.length(0);
  }).timeout(180_000);

  it('carry a key, but not a key and a value', async () => {
    await portkv(['put', P, 'k', 'value'], '', { PORTKV_KEY: server.projectKey });
    const got = await portkv(['get', P, 'k', '--key-file', '-'], `${server.projectKey}\n`);
    expect([got.code, got.bytes.toString()]).to.deep.equal([0, 'value']);
    const both = await portkv(['put', P, 'k', '-', '--key-file', '-'], server.projectKey);
    expect([both.code, both.errors]).to.deep.equal([2, 'Standard input cannot be both the key and the value\n']);
    const login = await portkv(['login', server.address], '');
    expect([login.code, login.errors]).to.satisfy(
      ([code, line]: [number, string]) => code === 2 && /terminal/.test(line),
    );
    expect((await portkv(['login', server.address, '--key-file', '-'], server.systemKey)).code).to.equal(0);
  }).timeout(180_000);

  it('end a command with one line if the reader has gone', async () => {
    const key = await server.project('many');
    for (let page = 0; page < 6; page++) {
      const operations = Array.from({ length: 1000 }, (_, i) => ({
        put: { key: `${page}/${i}`.padEnd(300, 'x'), text: '' },
      }));
      await server.call('POST', 'many/transactions', { key, body: JSON.stringify({ operations }) });
    }
    const { errors, code } = await new Promise<{ errors: string; code: unknown }>((done) => {
      const script = `"${process.execPath}" "${BIN}" list many | head -n 1 > /dev/null; exit \${PIPESTATUS[0]}`;
      const env = { ...variables(), PORTKV_KEY: key };
      execFile('bash', ['-c', script], { env }, (error, _, stderr) => done({ errors: stderr, code: error?.code ?? 0 }));
    });
    expect(errors.trim().split('\n')).to.have.length(1);
    expect(code).to.equal(1);
  }).timeout(180_000);
});

describe('A terminal', () => {
  let server: TestServer;
  let home: string;
  before(async function () {
    try {
      execFileSync('script', ['--version']);
    } catch {
      console.log('        skipped: there is no `script` (util-linux) to make a terminal');
      return this.skip();
    }
    server = await TestServer.start();
    home = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  after(async () => {
    await server?.stop();
    if (home !== undefined) await rm(home, { recursive: true, force: true });
  });

  /** What appears on a terminal on which the command runs, and `typed` is typed once `prompt` appears. */
  async function onTerminal(args: readonly string[], env: Record<string, string> = {}, prompt = '', typed = '') {
    const command = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(' ');
    const all = { PATH: process.env.PATH, HOME: home, TERM: 'xterm', PORTKV_URL: server.address, ...env };
    const child = spawn('script', ['-qec', command, '/dev/null'], { env: all });
    let shown = '';
    child.stdout.on('data', (chunk) => {
      const before = shown.includes(prompt);
      shown += chunk;
      if (prompt !== '' && !before && shown.includes(prompt)) child.stdin.write(typed);
    });
    const code = await new Promise<number | null>((done) => child.once('close', done));
    return { code, shown };
  }

  it('asks for the key at a login, and does not show it', async () => {
    const { code, shown } = await onTerminal(['login', server.address], {}, 'API key for', `${server.systemKey}\r`);
    expect(code, shown).to.equal(0);
    expect(shown).to.include('has the system key').and.not.include(server.systemKey);
    const kept = await readFile(join(home, '.config', 'portkv', 'profiles.json'), 'utf8');
    expect(kept).to.include(server.systemKey);
    const none = await onTerminal(['login', server.address], {}, 'API key for', '\u0003');
    expect([none.code, none.shown]).to.satisfy(([exit, line]: [number, string]) => exit === 2 && /No key/.test(line));
  }).timeout(180_000);

  it('shows colours, unless NO_COLOR is set, and no control characters of keys', async () => {
    const system = { PORTKV_KEY: server.systemKey };
    expect((await onTerminal(['keys', 'list', P], system)).shown).to.include('\u001b[1mID');
    expect((await onTerminal(['keys', 'list', P], { ...system, NO_COLOR: '1' })).shown).to.not.include('\u001b');
    await server.call('PUT', `${P}/values?key=%1b%5b2J`, { key: server.projectKey, body: '' });
    const { shown } = await onTerminal(['list', P], { PORTKV_KEY: server.projectKey });
    expect(shown).to.include('"\\u001b[2J"').and.not.include('\u001b');
  }).timeout(180_000);
});
