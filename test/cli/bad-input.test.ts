import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { trailerLine } from '../../src/domain/export/write-line.js';
import { type CommandOutput, onlyLine, runHere } from '../harness/portkv-here.js';
import { CALLS, everyCommand, OTHERS } from './every-command.js';
import { startWrongServers, type WrongServer } from './wrong-servers.js';

const HEADER = '{"format":"portkv-export","version":1,"project":"p"}\n';
const EXPORT = HEADER + trailerLine({ count: 0, sha256: createHash('sha256').update(HEADER).digest('hex') });
/** Commands that take nothing from the data of a response. */
const READ_NOTHING = ['clear', 'projects list', 'projects update', 'projects delete', 'snapshot delete', 'keys revoke'];

describe('A command', () => {
  let folder: string;
  let servers: readonly WrongServer[];
  const env = () => ({ XDG_CONFIG_HOME: folder });
  const before_ = process.cwd();
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    await writeFile(join(folder, 'FILE'), EXPORT);
    servers = await startWrongServers(folder);
    process.chdir(folder);
  });
  after(async () => {
    process.chdir(before_);
    for (const server of servers) server.close();
    await rm(folder, { recursive: true });
  });

  function expectLine(result: CommandOutput, code: number, what: string, named: RegExp = /./): void {
    const { errors, out } = result;
    expect(result.code, `${what}: ${errors}${out}`).to.equal(code);
    expect(onlyLine(result), what).to.match(named);
    expect(out, what).to.equal('');
  }

  it('is in the table of this test', () => {
    expect([...everyCommand().keys()].filter((name) => !OTHERS.includes(name)).sort()).to.deep.equal(
      Object.keys(CALLS).sort(),
    );
  });

  it('names what is at the address instead of PortKV in one line, and exits with 6', async () => {
    for (const { url, what, named } of servers) {
      for (const [name, args] of Object.entries(CALLS)) {
        const result = await runHere([...name.split(' '), ...args, '--url', url], env());
        expectLine(result, 6, `${name} and ${what}`, named);
      }
      expectLine(await runHere(['login', url, '--key', 'pkv_a'], env()), 6, `login and ${what}`, named);
    }
  }).timeout(120_000);

  it('asks nothing of health but a server of PortKV', async () => {
    for (const { url, what } of servers) {
      const result = await runHere(['health', '--url', url], env());
      expect(result.code, what).to.be.oneOf([1, 6]);
      onlyLine(result);
    }
  });

  it('names a response in the envelope without what it needs', async () => {
    const server = createServer((request, answer) => {
      request.resume().on('end', () => answer.end('{"data":{},"message":"","status_code":200}'));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const [name, args] of Object.entries(CALLS)) {
      if (READ_NOTHING.includes(name) || ['export', 'import'].includes(name)) continue;
      expectLine(await runHere([...name.split(' '), ...args, '--url', url], env()), 6, name, /another version/);
    }
    server.close();
  });

  it('refuses an option that is unknown, an argument too many, and an argument that is missing', async () => {
    for (const [name, command] of everyCommand()) {
      const words = name.split(' ');
      const args = CALLS[name] ?? [];
      expectLine(await runHere([...words, ...args, '--unknown'], env()), 2, name, /--unknown/);
      const required = command.registeredArguments.filter((argument) => argument.required).length;
      if (required > 0) expectLine(await runHere(words, env()), 2, name, /missing required argument|required option/);
      const most = command.registeredArguments.length;
      const values = Array.from({ length: most + 1 }, () => 'x');
      if (!OTHERS.includes(name)) expectLine(await runHere([...words, ...values], env()), 2, name);
    }
  });

  it('refuses addresses, keys, profiles and projects that are malformed', async () => {
    const wrong: readonly (readonly [args: readonly string[], named: RegExp, env?: Record<string, string>])[] = [
      [['--url', 'localhost:1'], /--url.*http:\/\//],
      [['--url', ''], /--url.*empty/],
      [['--url', 'ftp://a'], /--url.*ftp/],
      [['--url', 'http://a', '--profile', 'b'], /--profile.*--url/],
      [['--profile', 'none'], /no profile 'none'/],
      [['--profile', ''], /--profile.*empty/],
      [['--url', 'http://a', '--key', ''], /--key.*empty/],
      [['--url', 'http://a', '--key', 'a\nb'], /--key.*line feed/],
      [['--url', 'http://a', '--key', 'a', '--key-file', 'b'], /--key-file.*--key/],
      [['--url', 'http://a', '--key-file', 'missing'], /--key-file.*missing/],
      [['--url', 'http://a', '--key-file', '.'], /--key-file.*EISDIR/],
      [['--config', ''], /--config/],
      [['--config', 'missing.json'], /There is no .*missing\.json/],
      [['--data', ''], /--data.*empty/],
      [[], /There is no .*config\.json.*portkv login/],
      [[], /PORTKV_URL.*http:\/\//, { PORTKV_URL: 'localhost' }],
      [[], /PORTKV_KEY .*empty/, { PORTKV_URL: 'http://a', PORTKV_KEY: '' }],
      [[], /PORTKV_KEY_FILE.*empty/, { PORTKV_URL: 'http://a', PORTKV_KEY_FILE: '' }],
      [[], /PORTKV_KEY_FILE.*missing/, { PORTKV_URL: 'http://a', PORTKV_KEY_FILE: 'missing' }],
    ];
    for (const [name, args] of Object.entries(CALLS)) {
      for (const [options, named, variables = {}] of wrong) {
        const result = await runHere([...name.split(' '), ...args, ...options], { ...env(), ...variables });
        expectLine(result, 2, `${name} ${options.join(' ')}`, named);
      }
      if (args[0] !== 'p') continue;
      const result = await runHere([...name.split(' '), 'a/../b', ...args.slice(1)], env());
      expectLine(result, 2, `${name} a/../b`, /project id/);
    }
    expect(await readdir(folder)).not.to.include('storage_data');
  }).timeout(120_000);

  it('refuses values of its own options that are malformed', async () => {
    const long = 'x'.repeat(513);
    const wrong: readonly (readonly [args: readonly string[], named: RegExp])[] = [
      [['get', 'p', ''], /key must not be empty/],
      [['get', 'p', long], /at most 512 bytes/],
      [['put', 'p', 'k'], /one value/],
      [['put', 'p', 'k', 'v', '--file', 'FILE'], /one value/],
      [['put', 'p', 'k', '--file', 'missing'], /--file.*missing/],
      [['put', 'p', 'k', '--file', '.'], /--file.*folder/],
      [['put', 'p', 'k', '--file', ''], /--file.*empty/],
      [['put', 'p', 'k', 'v', '--type', ''], /--type.*content type/],
      [['put', 'p', 'k', 'v', '--type', 'ü'], /--type.*content type/],
      [['put', 'p', 'k', 'v', '--ttl', 'soon'], /--ttl.*2h/],
      [['put', 'p', 'k', 'v', '--ttl', '0'], /--ttl.*2h/],
      [['put', 'p', 'k', 'v', '--ttl', '1h', '--keep-ttl'], /--ttl.*--keep-ttl/],
      [['put', 'p', 'k', 'v', '--expires-at', 'never'], /--expires-at/],
      [['put', 'p', 'k', 'v', '--expires-at', '2030-01-01', '--ttl', '1h'], /--expires-at.*--ttl/],
      [['put', 'p', 'k', 'v', '--if-absent', '--if-exists'], /--if-absent/],
      [['put', 'p', 'k', 'v', '--if-absent', '--if-version', 'a'], /--if-absent/],
      [['put', 'p', 'k', 'v', '--meta', '[]'], /--meta.*JSON object/],
      [['put', 'p', 'k', 'v', '--meta', '{}', '--keep-meta'], /--meta.*--keep-meta/],
      [['delete', 'p', 'k', '--if-version', '"'], /--if-version/],
      [['append', 'p', 'k'], /one value/],
      [['incr', 'p', 'k', '1.5'], /integer/],
      [['incr', 'p', 'k', ''], /integer/],
      [['touch', 'p', 'k', 'soon'], /2h/],
      [['list', 'p', '--limit', '0'], /--limit/],
      [['list', 'p', '--limit', 'x'], /--limit/],
      [['list', 'p', '--prefix', ''], /--prefix/],
      [['list', 'p', '--separator', ''], /--separator/],
      [['watch', 'p', '--changes', '-1'], /--changes/],
      [['watch', 'p', '--since', ''], /--since/],
      [['clear', 'p'], /--yes/],
      [['projects', 'create', 'p', '--settings', '[1]'], /--settings.*JSON object/],
      [['projects', 'create', 'p', '--engine', ''], /--engine/],
      [['projects', 'create', 'p', '--existing', 'x'], /--existing.*adopt/],
      [['projects', 'update', 'p', 'x'], /JSON object/],
      [['projects', 'delete', 'p'], /--yes/],
      [['keys', 'create', 'p', '--scopes', 'reed'], /reed: no scope/],
      [['keys', 'create', 'p', '--for', 'soon'], /--for.*2h/],
      [['keys', 'create', 'p', '--name', ''], /--name/],
      [['keys', 'rotate', 'p'], /argument 'id'/],
      [['keys', 'rotate', 'p', 'i', '--grace', 'x'], /--grace/],
      [['migrate', 'p'], /--to/],
      [['migrate', 'p', '--to', 'x', '--options', '1'], /--options.*JSON object/],
      [['login', 'localhost'], /http:\/\//],
      [['login', 'http://127.0.0.1:1', '--key', ''], /--key/],
      [['gett', 'p'], /unknown command.*get/],
      [['help', 'keys', 'nosuch'], /unknown command 'keys nosuch'/],
    ];
    for (const [args, named] of wrong) {
      const isLogin = ['login', 'gett', 'help'].includes(args[0] ?? '');
      const options = isLogin ? [] : ['--url', 'http://127.0.0.1:1'];
      expectLine(await runHere([...args, ...options], env()), 2, args.join(' '), named);
    }
  });
});
