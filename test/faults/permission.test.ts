import { expect } from 'chai';
import { report } from './harness/seed.js';
import { ServerProcess } from './harness/server/server-process.js';
import { DURABLE_PROJECTS } from './harness/server-folder.js';
import {
  AS_USER,
  canBeUser,
  changeOwner,
  folderOfUser,
  loseAndRegainPermission,
  USER,
} from './scenarios/permission-scenario.js';

describe('A server that loses permission to its data', function () {
  this.timeout(0);

  before(function () {
    if (!canBeUser()) this.skip();
  });

  it('loses nothing under load, and serves everything without a restart when it has permission again', async () => {
    const { wrong, refused } = await loseAndRegainPermission(DURABLE_PROJECTS);
    expect(wrong).to.deep.equal([]);
    expect(refused).to.be.greaterThan(0);
    report({ projects: DURABLE_PROJECTS.length, refused, 'lost 0, restarts': 0 });
  });

  it('starts with these projects closed, and serves them when it has permission again', async () => {
    const folder = await folderOfUser(DURABLE_PROJECTS);
    const made = await ServerProcess.start(folder, { under: AS_USER });
    await made.ready();
    for (const { id } of DURABLE_PROJECTS) await made.send('PUT', `${id}/values/a`, { body: '0:0:' });
    await made.kill('SIGTERM');
    for (const { id } of DURABLE_PROJECTS) await changeOwner(folder.data, 0, `${id}.`, `${id}_`);
    const server = await ServerProcess.start(folder, { under: AS_USER });
    for (const { id } of DURABLE_PROJECTS) {
      const { status, text } = await server.send('GET', `${id}/values/a`);
      expect(status, `${id}: ${text}`).to.equal(503);
    }
    await changeOwner(folder.data, USER);
    await server.ready();
    for (const { id } of DURABLE_PROJECTS)
      expect((await server.send('GET', `${id}/values/a`)).text, id).to.equal('0:0:');
    await server.kill('SIGTERM');
    await folder.remove();
  });
});
