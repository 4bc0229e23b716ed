import { expect } from 'chai';
import { parseVersion } from '../../src/domain/version.js';
import { onEveryEngine, type Space } from '../rest/on-every-engine.js';

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;

onEveryEngine('A clock that is set', (on) => {
  it('back an hour and forward a year repeats no version, and expiry goes by what it says', async () => {
    const space = await on.space();
    const versions: number[] = [];
    for (const shift of [0, -HOUR, 0, YEAR, -HOUR, YEAR]) {
      on.clock.shift = shift;
      for (let i = 0; i < 3; i++) versions.push(await versionOf(space, `key-${i}`));
      await on.server.restart();
      if (!on.durable) continue;
      versions.push(await versionOf(space, 'after a restart'));
    }
    on.clock.shift = 0;
    expect(versions).to.deep.equal([...new Set(versions)].sort((a, b) => a - b));
  }).timeout(60_000);

  it('back keeps what has not expired yet, and forward hides what has', async () => {
    const space = await on.space();
    on.clock.shift = 0;
    await space.put('short', 'x', {}, '?ttl=600');
    on.clock.shift = -HOUR;
    expect((await space.get('short')).status).to.equal(200);
    on.clock.shift = YEAR;
    expect((await space.get('short')).status).to.equal(404);
    on.clock.shift = 0;
  });
});

async function versionOf(space: Space, key: string): Promise<number> {
  const { headers, text } = await space.put(key, 'x');
  const version = parseVersion((headers.etag ?? '').replaceAll('"', ''));
  if (version === undefined) throw new Error(`no version: ${text}`);
  return version;
}
