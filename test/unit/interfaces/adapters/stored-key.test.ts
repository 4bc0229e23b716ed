import { expect } from 'chai';
import { assert, asyncProperty, constantFrom, string, tuple } from 'fast-check';
import { nameOf, storedKey } from '../../../../src/interfaces/adapters/stored-key.js';

const PREFIX = 'cache/';
/** Short ones, long ones of characters of 1 to 4 bytes, and some that look like a hash. */
const names = tuple(
  string({ unit: 'binary', maxLength: 5 }),
  constantFrom('', 'a', 'é', '€', '😀'),
  constantFrom(0, 1, 120, 300, 600),
  constantFrom('', 'b', `~${'0'.repeat(64)}`),
).map(([start, unit, count, end]) => start + unit.repeat(count) + end);

describe('The keys of adapters', () => {
  it('are keys that begin with the prefix, and differ if the names do', async () => {
    await assert(
      asyncProperty(names, names, async (one, other) => {
        const [first, second] = await Promise.all([storedKey(PREFIX, one), storedKey(PREFIX, other)]);
        expect(Buffer.byteLength(first.key)).to.be.at.most(512);
        expect(first.key.startsWith(PREFIX)).to.equal(true);
        expect(first.key === second.key).to.equal(one === other);
      }),
    );
  });

  it('lead back to the names, unless those are too long for metadata', async () => {
    await assert(
      asyncProperty(names, async (name) => {
        const { key, meta } = await storedKey(PREFIX, name);
        const isLong = Buffer.byteLength(JSON.stringify({ name })) > 1024;
        expect(nameOf(PREFIX, key, meta)).to.equal(isLong ? undefined : name);
      }),
    );
  });

  it('of a name that is itself the key of a long one are other keys', async () => {
    const { key } = await storedKey(PREFIX, 'x'.repeat(600));
    expect((await storedKey(PREFIX, key.slice(PREFIX.length))).key).not.to.equal(key);
  });

  it('leave what is no Unicode to the store', async () => {
    const name = `${'x'.repeat(600)}\ud800`;
    expect(await storedKey(PREFIX, name)).to.deep.equal({ key: PREFIX + name });
  });
});
