import fc from 'fast-check';
import { eachKey, expectListed, expectOnEveryRoute } from '../../api/entries/key-checks.js';
import { onEveryEngine } from '../../harness/on-every-engine.js';

onEveryEngine('A key', (on) => {
  it('comes back as it was sent on every route, for random Unicode', async () => {
    const key = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 60 })
      .filter((it) => it.isWellFormed() && Buffer.byteLength(it) <= 512);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { minLength: 30, maxLength: 30 }), async (keys) => {
        const project = await on.project();
        await eachKey(keys, (one) => expectOnEveryRoute(project, one));
        await expectListed(project, keys);
      }),
      { numRuns: 2 },
    );
  });
});
