import { expect } from 'chai';
import { DURABLE } from './harness/data-set.js';
import { report } from './harness/seed.js';
import { ServerProcess } from './harness/server-process.js';
import { AS_USER, canBeUser, give, losePermission, ofUser, USER } from './scenarios/permission-scenario.js';

describe('Permission to the data that is lost', function () {
  this.timeout(0);

  before(function () {
    if (!canBeUser()) this.skip();
  });

  it('under load loses nothing, and all is served again without a restart once it is back', async () => {
    const { wrong, refused } = await losePermission(DURABLE);
    expect(wrong).to.deep.equal([]);
    expect(refused).to.be.greaterThan(0);
    report({ projects: DURABLE.length, refused, 'lost 0, restarts': 0 });
  });

  it('before a start closes the projects that lost it, which come back with it', async () => {
    const set = await ofUser(DURABLE);
    const made = await ServerProcess.start(set, { under: AS_USER });
    await made.ready();
    for (const { id } of DURABLE) await made.send('PUT', `${id}/values/a`, { body: '0:0:' });
    await made.kill('SIGTERM');
    for (const { id } of DURABLE) await give(set.data, 0, `${id}.`, `${id}_`);
    const server = await ServerProcess.start(set, { under: AS_USER });
    for (const { id } of DURABLE) {
      const { status, text } = await server.send('GET', `${id}/values/a`);
      expect(status, `${id}: ${text}`).to.equal(503);
    }
    await give(set.data, USER);
    await server.ready();
    for (const { id } of DURABLE) expect((await server.send('GET', `${id}/values/a`)).text, id).to.equal('0:0:');
    await server.kill('SIGTERM');
    await set.remove();
  });
});
