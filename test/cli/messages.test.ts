import { expect } from 'chai';
import { programOf } from '../../src/interfaces/cli/program.js';
import { onlyLine, runHere } from '../harness/portkv-here.js';
import { TestServer } from '../harness/test-server.js';

const P = 'first_project';

describe('Messages of commands', () => {
  let server: TestServer;
  const portkv = (...args: string[]) =>
    runHere(args, { PORTKV_URL: server.address, PORTKV_KEY: server.projectKey, XDG_CONFIG_HOME: '/nonexistent' });
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  it('are one line without control characters, whatever a key has', async () => {
    const key = 'a\nb\u001b[31m\u009b1m';
    const shown = /'a\\u000ab\\u001b\[31m\\u009b1m'/;
    expect(onlyLine(await portkv('get', P, key))).to.match(shown);
    expect(onlyLine(await portkv('put', P, key, 'v'))).to.match(shown);
    expect(onlyLine(await portkv('append', P, key, 'v'))).to.match(shown);
    expect(onlyLine(await portkv('delete', P, key))).to.match(shown);
    expect(onlyLine(await portkv('projects', key))).not.to.match(/\p{Cc}/u);
  });

  it('speak of a condition as the command line has it, not of headers', async () => {
    await portkv('put', P, 'there', '1');
    for (const args of [
      ['put', P, 'there', '2', '--if-absent'],
      ['put', P, 'there', '2', '--if-version', 'a'],
      ['put', P, 'missing', '2', '--if-exists'],
      ['append', P, 'there', '2', '--if-absent'],
      ['incr', P, 'there', '2', '--if-version', 'a'],
      ['touch', P, 'there', '1h', '--if-version', 'a'],
      ['delete', P, 'there', '--if-version', 'a'],
    ]) {
      const result = await portkv(...args);
      expect(result.code, args.join(' ')).to.equal(5);
      expect(onlyLine(result), args.join(' ')).to.match(/^The condition on the entry does not hold: .*(version|exist)/);
    }
  });
});

describe('The help text', () => {
  it('is wrapped on a terminal of 60 columns', () => {
    const program = programOf('test', {} as never).configureHelp({ helpWidth: 60, minWidthToWrap: 16 });
    for (const command of [program, ...program.commands]) {
      command.configureOutput({ getOutHelpWidth: () => 60 });
      for (const line of command.helpInformation().split('\n')) {
        if (!/^Usage:/.test(line)) expect(line.length, line).to.be.at.most(60);
      }
    }
  });
});
