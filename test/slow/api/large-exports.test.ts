import { expect } from 'chai';
import { exported, imported } from '../../harness/export-content.js';
import { onEveryEngine } from '../../harness/on-every-engine.js';

onEveryEngine('Export and import', (on) => {
  it('keep a value of 16 MiB, text or bytes', async () => {
    const project = await on.project();
    for (const [key, byte] of [
      ['bytes', 0xfe],
      ['text', 0x1f],
    ] as const) {
      await project.put(key, Buffer.alloc(16 * 1024 * 1024, byte), { 'content-type': 'application/octet-stream' });
    }
    const other = await on.project();
    const { status, text } = await imported(other, (await exported(project)).bytes, '?mode=replace');
    expect(status, text).to.equal(200);
    for (const key of ['bytes', 'text'])
      expect((await other.get(key)).bytes.equals((await project.get(key)).bytes)).to.equal(true);
  }).timeout(60_000);
});
