import { execFileSync } from 'node:child_process';
import { lstat, mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type CommandOutput, onlyLine, runHere } from '../harness/portkv-here.js';
import { TestServer } from '../harness/test-server.js';

describe('portkv export FILE', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  const at = (name: string) => join(server.folder, name);
  const exported = (name: string): Promise<CommandOutput> =>
    runHere(['export', 'first_project', at(name)], { PORTKV_URL: server.address, PORTKV_KEY: server.projectKey });

  it('writes through a link, also to a file that is missing, and leaves the link', async () => {
    for (const target of ['there', 'missing']) {
      if (target === 'there') await writeFile(at(target), 'before');
      await symlink(target, at(`link-${target}`));
      expect((await exported(`link-${target}`)).code).to.equal(0);
      expect(await readlink(at(`link-${target}`))).to.equal(target);
      expect(await readFile(at(target), 'utf8')).to.match(/^\{"format"/);
    }
  });

  it('refuses a folder, and writes nothing beside it', async () => {
    await mkdir(at('folder'));
    const result = await exported('folder');
    expect([result.code, onlyLine(result)]).to.deep.equal([2, `${at('folder')} is a folder: name a file`]);
    expect(await lstat(at('folder.partial')).catch(({ code }) => code)).to.equal('ENOENT');
  });

  it('replaces no link and no pipe that has the name of its unfinished file', async () => {
    await writeFile(at('precious'), 'precious');
    await symlink('precious', at('a.partial'));
    execFileSync('mkfifo', [at('b.partial')]);
    for (const name of ['a', 'b']) {
      const result = await exported(name);
      expect(result.code, name).to.equal(2);
      expect(onlyLine(result)).to.include(`${name}.partial is not a regular file`);
    }
    expect(await readFile(at('precious'), 'utf8')).to.equal('precious');
  });

  it('writes a device as it is', async () => {
    expect(
      (
        await runHere(['export', 'first_project', '/dev/null'], {
          PORTKV_URL: server.address,
          PORTKV_KEY: server.projectKey,
        })
      ).code,
    ).to.equal(0);
    expect((await lstat('/dev/null')).isCharacterDevice()).to.equal(true);
  });
});
