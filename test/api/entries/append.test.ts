import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';

onEveryEngine('An append', (on) => {
  it('adds the bytes as they are, and creates the entry if it is missing', async () => {
    const project = await on.project();
    const parts = [Uint8Array.of(0xc3), Uint8Array.of(0xa9), Buffer.from('\0"\n')];
    for (const body of parts) {
      const { status, json } = await project.send('POST', 'store/k/append', {
        body,
        headers: { 'content-type': 'text/x-log' },
      });
      expect([status, typeof json.data.version]).to.deep.equal([200, 'string']);
    }
    await project.run({ operations: [{ append: { key: 'k', base64: '/w==' } }, { append: { key: 'n', text: 'é' } }] });
    const { bytes, headers } = await project.get('k');
    expect(bytes).to.deep.equal(Buffer.from([0xc3, 0xa9, 0, 0x22, 0x0a, 0xff]));
    expect(headers['content-type']).to.equal('text/x-log');
    expect((await project.get('n')).text).to.equal('é');
  });
});
