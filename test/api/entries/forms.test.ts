import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

onEveryEngine('A form', (on) => {
  const post = (project: TestProject, body: string, headers: Record<string, string> = {}) =>
    project.send('POST', 'store', {
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });

  it('is stored whole or not at all, and may carry the API key in the field auth', async () => {
    const project = await on.project();
    const { status, json } = await post(project, 'a=1&b%2Fc=x+y%26z&%C3%A9=&d');
    expect([status, Object.keys(json.data)]).to.deep.equal([200, ['a', 'b/c', 'é', 'd']]);
    expect((await project.get('b/c')).text).to.equal('x y&z');
    expect((await project.get('d')).text).to.equal('');
    expect((await project.get('a')).headers.etag).to.equal(`"${json.data.a.version}"`);

    const open = new URLSearchParams({ a: '2', auth: project.key }).toString();
    expect((await post(project, open, { authorization: '' })).status).to.equal(200);
    expect((await project.get('a')).text).to.equal('2');
    expect((await project.get('auth')).status).to.equal(404);
    for (const body of ['a=3', 'a=3&auth=wrong', 'a=3&auth=']) {
      expect((await post(project, body, { authorization: '' })).status).to.equal(401);
    }
    const long = `k${'x'.repeat(512)}=1`;
    for (const body of ['a=4&a=5', 'a=4&=5', 'a=4&%ff=5', 'a=%zz', '', `a=4&${long}`]) {
      expect((await post(project, body)).status, body).to.equal(400);
    }
    expect((await post(project, 'a=4', { 'content-type': 'text/plain' })).status).to.equal(415);
    expect((await project.get('a')).text).to.equal('2');
  });

  it('stores the field auth, too, if the key came in a header', async () => {
    const project = await on.project();
    expect((await post(project, 'a=1&auth=x')).status).to.equal(200);
    expect((await project.get('auth')).text).to.equal('x');
    expect((await post(project, `auth=${project.key}`, { authorization: '' })).status).to.equal(400);
  });
});
