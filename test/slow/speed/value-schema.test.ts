import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';
import { median, timeOf } from './statistics.js';

/** By how much the longer value is longer. */
const TIMES = 8;
const SCHEMA = {
  type: 'object',
  properties: { name: { type: 'string', pattern: '^(a+)+$' }, tags: { type: 'array', uniqueItems: true } },
};
const VALUES: Readonly<Record<string, (length: number) => string>> = {
  pattern: (length) => `{"name":"${'a'.repeat(length * 10)}!"}`,
  uniqueItems: (length) => `{"tags":[${Array.from({ length }, (_, i) => `{"i":${i}}`)},{"i":7}]}`,
};

onEveryEngine('The check of a value by a schema', (on) => {
  if (on.name !== 'memory') return;
  for (const [keyword, make] of Object.entries(VALUES)) {
    it(`takes linear time: ${keyword}`, async () => {
      const project = await on.project({ limits: { value_schema: SCHEMA } });
      const [short, long] = [make(10_000), make(10_000 * TIMES)];
      await timeOfRefusal(project, long);
      const ratio = (await timeOfRefusal(project, long)) / (await timeOfRefusal(project, short));
      console.log(`        ${ratio.toFixed(1)} times as long for ${TIMES} times the length`);
      expect(ratio).to.be.below(TIMES * 3);
    }).retries(2);
  }
});

async function timeOfRefusal(project: TestProject, value: string): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    times.push(await timeOf(async () => expect((await project.put('k', value)).status).to.equal(422)));
  }
  return median(times);
}
