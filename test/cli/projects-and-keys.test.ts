import { expect } from 'chai';
import { type CommandOutput, onlyLine, runHere } from '../harness/portkv-here.js';
import { TestServer } from '../harness/test-server.js';

describe('The commands for projects and keys', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  const run = (key: string, args: readonly string[]) => runHere(args, { PORTKV_URL: server.address, PORTKV_KEY: key });
  async function succeed(...args: string[]): Promise<CommandOutput> {
    const result = await run(server.systemKey, args);
    expect(result.code, `${args.join(' ')}: ${result.errors}`).to.equal(0);
    return result;
  }
  const json = async (...args: string[]) => JSON.parse((await succeed(...args, '--json')).out);

  it('create a project and print only its key, which opens it', async () => {
    const settings = '{"limits":{"max_keys":10}}';
    const { out, errors } = await succeed('projects', 'create', 'made', '--engine', 'memory', '--settings', settings);
    expect(out).to.match(/^pkv_\S+\n$/);
    expect(errors).to.include("'made'").and.not.include(out.trim());
    expect((await run(out.trim(), ['put', 'made', 'a', 'b'])).code).to.equal(0);
    expect(await json('projects', 'show', 'made')).to.deep.include({ id: 'made' });
    const shown = (await succeed('projects', 'show', 'made')).out;
    expect(shown)
      .to.match(/^storage\.engine +memory$/m)
      .and.match(/^limits\.max_keys +10$/m);
  });

  it('list, change and delete projects', async () => {
    expect((await json('projects', 'create', 'other')).key).to.match(/^pkv_/);
    expect((await succeed('projects', 'list')).out.split('\n')).to.include.members(['first_project', 'other']);
    expect(await json('projects', 'list')).to.have.property('other');
    await succeed('projects', 'update', 'other', '{"limits":{"max_keys":3}}');
    expect((await json('projects', 'show', 'other')).limits.max_keys).to.equal(3);
    const moved = await json('projects', 'update', 'other', '{"storage":{"engine":"memory"}}');
    expect(moved.migration).to.include({ state: 'done', to: 'memory' });
    expect((await run(server.systemKey, ['projects', 'delete', 'other'])).code).to.equal(2);
    expect(await json('projects', 'delete', 'other', '--yes')).to.deep.equal({ id: 'other', deleted: true });
    expect((await run(server.systemKey, ['projects', 'show', 'other'])).code).to.equal(4);
  });

  it('create, list, rotate and revoke keys, which work as long as they should', async () => {
    const P = 'first_project';
    await run(server.projectKey, ['put', P, 'k/1', 'v']);
    const made = await succeed(
      'keys',
      'create',
      P,
      '--prefix',
      'k/',
      '--scopes',
      'read,list',
      '--for',
      '2h',
      '--name',
      'n',
    );
    const key = made.out.trim();
    expect((await run(key, ['get', P, 'k/1'])).out).to.equal('v');
    const { id } = (await json('keys', 'list', P)).find(({ name }: { name: string }) => name === 'n');
    expect((await succeed('keys', 'list', P)).out).to.match(new RegExp(`^${id} +n +read,list +k/ +20.*Z +\\S+$`, 'm'));
    const next = (await succeed('keys', 'rotate', P, id)).out.trim();
    expect((await run(key, ['get', P, 'k/1'])).code).to.equal(5);
    expect((await run(next, ['get', P, 'k/1'])).out).to.equal('v');
    expect(await json('keys', 'revoke', P, id)).to.deep.equal({ id, revoked: true });
    expect((await run(next, ['get', P, 'k/1'])).code).to.equal(5);
    expect((await run(server.systemKey, ['keys', 'revoke', P, id])).code).to.equal(4);
  });

  it('say who one is, and how the server is', async () => {
    expect(await json('whoami')).to.deep.include({ url: server.address, kind: 'system' });
    expect((await run(server.projectKey, ['whoami'])).out).to.match(/^project +first_project$/m);
    expect(await json('status')).to.deep.include({ url: server.address, status: 'ready', unavailable: {} });
  });

  it('print who did what, latest first', async () => {
    await succeed('projects', 'create', 'audited');
    const { out } = await succeed('audit', '--limit', '1');
    expect(out).to.match(/^TIME +WHO .*\n20\S+Z +\S+ +createProject .* +done\n$/);
    const [record] = await json('audit', '--limit', '1', '--since', '2020-01-01');
    expect(record).to.include({ act: 'createProject', outcome: 'done', repeated: 0 });
    expect(await json('audit', '--until', '2020-01-01')).to.deep.equal([]);
    expect((await run(server.projectKey, ['audit'])).code).to.equal(5);
  });

  it('name the kind of key that is needed, with exit code 5', async () => {
    const wrong: readonly (readonly [key: string, args: readonly string[], named: readonly string[]])[] = [
      [server.systemKey, ['get', 'first_project', 'a'], ['API key of the project', 'PORTKV_KEY']],
      [server.projectKey, ['projects', 'list'], ['use the system key', 'PORTKV_KEY']],
      ['pkv_wrong', ['projects', 'list'], ['needs the system key', 'PORTKV_KEY is not']],
      ['pkv_wrong', ['get', 'first_project', 'a'], ["needs a key of project 'first_project'", 'PORTKV_KEY is not']],
      ['pkv_wrong', ['keys', 'list', 'first_project'], ['the system key, or a key of project', 'scope admin']],
    ];
    for (const [key, args, named] of wrong) {
      const result = await run(key, args);
      expect(result.code, args.join(' ')).to.equal(5);
      for (const words of named) expect(onlyLine(result)).to.include(words);
    }
    const without = await runHere(['count', 'first_project'], { PORTKV_URL: server.address });
    expect(onlyLine(without)).to.include("needs a key of project 'first_project'; give it with --key-file");
  });
});
