import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ConsolePage } from './console-browser.js';

/** Where the pictures are that the pages of this repository show. */
const FOLDER = 'docs/images';
const MOST_BYTES = 60_000;

/**
 * A picture that README.md shows: as it is on the screen now, and small. `CONSOLE_PICTURES=1` stores it; otherwise the
 * one that is stored must be there, of this size.
 */
export async function picture({ page }: ConsolePage, name: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 80 });
  await session.detach();
  const path = join(FOLDER, `${name}.webp`);
  const now = Buffer.from(data, 'base64');
  if (process.env.CONSOLE_PICTURES !== undefined) {
    await mkdir(FOLDER, { recursive: true });
    await writeFile(path, now);
  }
  const stored = await readFile(path);
  expect(widthOf(stored), path).to.equal(widthOf(now));
  expect(stored.length, path).to.be.below(MOST_BYTES);
  expect(await readFile('README.md', 'utf8')).to.include(path);
}

/** The width of a WebP picture with a colour profile. */
function widthOf(bytes: Buffer): number {
  return bytes.readUIntLE(24, 3) + 1;
}
