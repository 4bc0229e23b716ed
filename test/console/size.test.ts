import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { pathsIn } from '../harness/paths-in.js';

const BUILT = 'dist/console';
const MOST_BYTES = 350_000;
/** What a browser loads before it shows anything. */
const FIRST_BYTES = 60_000;

describe('The files of the console', () => {
  it(`have at most ${MOST_BYTES} bytes in gzip, ${FIRST_BYTES} of them for the first view`, async () => {
    const sizes = new Map<string, number>();
    for (const path of (await pathsIn(BUILT)).filter((one) => /\.(html|js|css|svg)$/.test(one))) {
      sizes.set(path, gzipSync(await readFile(join(BUILT, path)), { level: 9 }).length);
    }
    const page = await readFile(join(BUILT, 'index.html'), 'utf8');
    const first = [...sizes].filter(([path]) => path === 'index.html' || page.includes(path));
    console.log(`    ${sum([...sizes])} bytes in ${sizes.size} files, ${sum(first)} for the first view`);
    expect(first).to.have.lengthOf.above(2);
    expect(sum([...sizes])).to.be.below(MOST_BYTES);
    expect(sum(first)).to.be.below(FIRST_BYTES);
  });

  it('have the licences of what they bundle', async () => {
    const licences = await readFile(join(BUILT, 'THIRD-PARTY.md'), 'utf8');
    for (const name of ['preact', '@preact/signals', 'openapi-fetch']) expect(licences).to.include(`## ${name} - `);
  });
});

function sum(sizes: readonly (readonly [string, number])[]): number {
  return sizes.reduce((total, [, size]) => total + size, 0);
}
