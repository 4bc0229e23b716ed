import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { areArgumentsText } from '../../../../../src/interfaces/cli/options/arguments-text.js';

describe('Arguments of a command', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function given(bytes: Buffer): Promise<boolean> {
    await writeFile(join(folder, 'raw'), bytes);
    return areArgumentsText(bytes.toString().split('\0'), join(folder, 'raw'));
  }

  it('are text if they are UTF-8, also with the character that stands for what is not', async () => {
    expect(await given(Buffer.from('portkv\0put\0p\0\u{1f600}\0\ufffd\0'))).to.equal(true);
  });

  it('are not text if a byte would be replaced', async () => {
    expect(await given(Buffer.from('portkv\0put\0p\0k\0\xff', 'latin1'))).to.equal(false);
  });

  it('are taken as they are where the system does not show their bytes', () => {
    expect(areArgumentsText(['\ufffd'], join(folder, 'missing'))).to.equal(true);
  });
});
