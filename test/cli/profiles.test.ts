import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { onlyLine, runHere } from '../harness/portkv-here.js';
import { TestServer } from '../harness/test-server.js';

const P = 'first_project';

describe('Profiles', () => {
  let server: TestServer;
  let home: string;
  const file = () => join(home, 'portkv', 'profiles.json');
  const here = process.cwd();
  before(async () => {
    server = await TestServer.start();
    await server.call('PUT', `${P}/values/a`, { key: server.projectKey, body: 'of the profile' });
  });
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'portkv-home-'));
    process.chdir(home); // No configuration is there.
  });
  afterEach(async () => {
    process.chdir(here);
    await rm(home, { recursive: true });
  });
  after(() => server.stop());

  const portkv = (args: readonly string[], env: Record<string, string> = {}) =>
    runHere(args, { XDG_CONFIG_HOME: home, ...env });
  const login = (key: string, ...options: string[]) =>
    portkv(['login', server.address, ...options], { PORTKV_KEY: key });

  it('keep a server with both kinds of keys, and each command takes the one that it needs', async () => {
    expect((await login(server.projectKey)).errors).to.include(`'primary' of project '${P}'`);
    expect((await login(server.systemKey)).errors).to.include('the system key');
    expect((await portkv(['get', P, 'a'])).out).to.equal('of the profile');
    expect((await portkv(['projects', 'list'])).out).to.equal(`${P}\n`);
    expect((await portkv(['keys', 'list', P])).code).to.equal(0);
    expect(JSON.parse((await portkv(['whoami', '--json'])).out).kind).to.equal('system');
  });

  it('are in a file of mode 0600 in a folder of mode 0700, and are refused if others may read them', async () => {
    await login(server.projectKey);
    expect((await stat(file())).mode & 0o777).to.equal(0o600);
    expect((await stat(join(home, 'portkv'))).mode & 0o777).to.equal(0o700);
    await chmod(file(), 0o640);
    const refused = await portkv(['get', P, 'a']);
    expect([refused.code, onlyLine(refused)]).to.deep.equal([2, `${file()} has keys and is open to others: chmod 600`]);
  });

  it('send a key to no other server than their own', async () => {
    await login(server.projectKey);
    const other = await TestServer.start();
    const elsewhere = await portkv(['get', P, 'a', '--url', other.address]);
    expect(elsewhere.code).to.equal(5);
    const variable = await portkv(['get', P, 'a'], { PORTKV_URL: other.address });
    expect(variable.code).to.equal(5);
    await other.stop();
  });

  it('give the key for their server however it is named, that of the current profile first', async () => {
    await login('', '--key', server.systemKey, '--profile', 'system');
    expect((await portkv(['get', P, 'a', '--url', server.address])).code).to.equal(5);
    await login(server.projectKey, '--profile', 'project');
    await login(server.systemKey, '--profile', 'system');
    expect((await portkv(['get', P, 'a', '--url', `${server.address}/`])).out).to.equal('of the profile');
    expect((await portkv(['get', P, 'a'], { PORTKV_URL: server.address })).out).to.equal('of the profile');
    const whoami = await portkv(['whoami', '--json', '--url', server.address]);
    expect(JSON.parse(whoami.out).kind).to.equal('system');
    const given = await portkv(['get', P, 'a', '--url', server.address, '--key', 'pkv_wrong']);
    expect([given.code, onlyLine(given)]).to.satisfy(
      ([code, line]: [number, string]) => code === 5 && /--key/.test(line),
    );
  });

  it('have names, the last one that was kept is used, and logout forgets one', async () => {
    await login(server.systemKey, '--profile', 'one');
    const other = await server.project('other');
    await login(other, '--profile', 'two');
    expect((await portkv(['count', 'other'])).out).to.equal('0\n');
    expect((await portkv(['projects', 'list', '--profile', 'one'])).code).to.equal(0);
    expect((await portkv(['logout'])).errors).to.include("'two'");
    expect(JSON.parse(await readFile(file(), 'utf8'))).to.have.nested.property('profiles.one');
    const gone = await portkv(['count', 'other', '--profile', 'two']);
    expect([gone.code, onlyLine(gone)]).to.satisfy(
      ([code, line]: [number, string]) => code === 2 && /: one$/.test(line),
    );
    const none = await portkv(['count', 'other']);
    expect([none.code, onlyLine(none)]).to.satisfy(
      ([code, line]: [number, string]) => code === 2 && /--profile \(one\).*login/.test(line),
    );
    expect((await portkv(['logout'])).code).to.equal(4);
  });

  it('come after a configuration in the current folder, and after the variables', async () => {
    await login(server.systemKey);
    await writeFile(join(home, 'config.json'), 'no JSON');
    expect((await portkv(['get', P, 'a'])).code).to.equal(2);
    expect((await portkv(['get', P, 'a', '--profile', 'default', '--key', server.projectKey])).code).to.equal(0);
  });

  it('are not kept if the server does not know the key, or no server is there', async () => {
    const wrong = await login('pkv_wrong');
    expect([wrong.code, onlyLine(wrong)]).to.satisfy(
      ([code, line]: [number, string]) => code === 5 && /PORTKV_KEY/.test(line),
    );
    expect((await portkv(['login', 'http://127.0.0.1:1', '--key', 'pkv_some'])).code).to.equal(6);
    expect((await portkv(['count', P])).code).to.equal(2);
  });

  it('are named if the file is damaged', async () => {
    await login(server.projectKey);
    for (const text of ['', 'null', '{"profiles":{"default":{}}}', '{"profiles":{"default":{"url":1}}}']) {
      await writeFile(file(), text);
      const { code, ...output } = await portkv(['count', P]);
      expect([code, onlyLine({ code, ...output })]).to.deep.equal([
        2,
        `${file()} is not what portkv login writes: delete it, and log in again`,
      ]);
    }
  });

  it('give way to a key of --key-file or PORTKV_KEY_FILE, without the line feed at its end', async () => {
    await login(server.systemKey);
    const keyFile = join(home, 'key');
    await writeFile(keyFile, `${server.projectKey}\n`);
    expect((await portkv(['get', P, 'a', '--key-file', keyFile])).out).to.equal('of the profile');
    expect((await portkv(['get', P, 'a'], { PORTKV_KEY_FILE: keyFile })).out).to.equal('of the profile');
    await writeFile(keyFile, 'two\nlines\n');
    const wrong = await portkv(['get', P, 'a', '--key-file', keyFile]);
    expect([wrong.code, onlyLine(wrong)]).to.satisfy(
      ([code, line]: [number, string]) => code === 2 && /line feed/.test(line),
    );
    const missing = await portkv(['get', P, 'a'], { PORTKV_KEY_FILE: join(home, 'missing') });
    expect([missing.code, onlyLine(missing)]).to.satisfy(
      ([code, line]: [number, string]) => code === 2 && /PORTKV_KEY_FILE/.test(line),
    );
  });
});
