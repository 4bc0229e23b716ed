import { expect } from 'chai';
import { AWKWARD_KEYS } from '../../contract/store-fixture.js';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import { eachKey, expectListed, expectOnEveryRoute } from './key-checks.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

onEveryEngine('A key', (on) => {
  it('comes back as it was sent on every route, however awkward it is', async () => {
    const project = await on.project();
    await eachKey(AWKWARD_KEYS, (key) => expectOnEveryRoute(project, key));
    await expectListed(project, AWKWARD_KEYS);
  });

  it('is refused if it is malformed', async () => {
    const project = await on.project();
    const long = encodeURIComponent('é'.repeat(257));
    for (const bad of ['%', '%zz', '%ff', '%c3', '%ed%a0%80', long, 'k'.repeat(513)]) {
      for (const path of [`store/${bad}`, `store/${bad}/value`, `values/${bad}`, `values?key=${bad}`]) {
        const { status, json } = await project.send('GET', path);
        expect([status, json.error.code], path).to.deep.equal([400, 'invalid']);
      }
      for (const path of [`store/${bad}/increment`, `store/${bad}/touch`, `store/${bad}/append`]) {
        const body = '{"ttl":1}';
        expect((await project.send('POST', path, { body })).status, path).to.equal(400);
      }
      expect((await project.send('GET', `latest?key=${bad}`)).status, `latest ${bad}`).to.equal(400);
      expect((await project.send('POST', 'store', { body: `${bad}=1`, headers: FORM })).status, bad).to.equal(400);
    }
    for (const path of ['store/', 'values/', 'values', 'values?key=', 'store//value', 'latest?key=']) {
      expect((await project.send('GET', path)).status, path).to.equal(400);
    }
    for (const path of ['store//touch', 'store//append', 'store//increment']) {
      expect((await project.send('POST', path, { body: '{"ttl":1}' })).status, path).to.equal(400);
    }
    expect((await project.run('{"operations":[{"get":{"key":"\\ud800"}}]}')).status).to.equal(400);
  });
});
