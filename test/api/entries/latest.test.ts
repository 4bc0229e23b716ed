import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';

onEveryEngine('The latest', (on) => {
  it('is the entry written last, among keys or under a prefix', async () => {
    const project = await on.project();
    for (const key of ['p/b', 'p/a', 'q']) await project.put(key, key);
    await project.put('p/b', 'again');
    const latest = async (query: string) => (await project.send('GET', `latest?${query}`)).json.data;
    expect((await latest('prefix=p/')).key).to.equal('p/b');
    expect(await latest('key=p/a&key=q&key=missing')).to.include({ key: 'q', value: 'q' });
    await project.send('POST', 'store/p%2Fa/touch', {
      body: '{"ttl":null}',
      headers: { 'content-type': 'application/json' },
    });
    expect((await latest('key=p/a&key=q&key=p/b')).key).to.equal('p/a');
    expect((await project.send('GET', 'latest?key=missing')).status).to.equal(404);
    expect((await project.send('GET', 'latest?prefix=missing')).status).to.equal(404);
    for (const query of ['', 'key=a&prefix=b', 'prefix=', 'keys=a']) {
      expect((await project.send('GET', `latest?${query}`)).status, query).to.equal(400);
    }
  });

  it('is determined after an import or a restore by new versions in the order of keys', async () => {
    const project = await on.project();
    for (const [second, key] of ['z', 'b', 'a'].entries()) {
      on.clock.at = 1_800_000_000_000 + second * 1000;
      await project.put(key, key);
    }
    on.clock.at = undefined;
    const { bytes } = await project.send('GET', 'export');
    const { id } = (await project.send('POST', 'snapshots')).json.data;
    const latest = async () => (await project.send('GET', 'latest?key=a&key=b&key=z')).json.data.key;
    expect((await project.send('POST', 'import?mode=replace', { body: bytes })).status).to.equal(200);
    expect(await latest()).to.equal('a');
    expect((await project.send('POST', `snapshots/${id}/restore`)).status).to.equal(200);
    expect(await latest()).to.equal('a');
  });
});
