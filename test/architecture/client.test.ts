import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';

const FOLDERS = ['adapters', 'client', 'client/http', 'key-value-store'].map((name) => `dist/src/interfaces/${name}`);
const IMPORT = /\b(?:from|import)\s*\(?\s*'([^']+)'/g;
const ALLOWED = /^(\.|\.\/http|\.\.\/key-value-store)\/[\w-]+\.js$/;
/** What only node has. */
const NODE = /\b(Buffer|process|setImmediate|require|global|__dirname)\b(?!:)/;

describe('The client and the adapters, as they were compiled', () => {
  it('import only themselves and what stores share, and use nothing that only node has', async () => {
    const found: string[] = [];
    for (const folder of FOLDERS) {
      for (const name of (await readdir(folder)).filter((one) => one.endsWith('.js'))) {
        const source = await readFile(join(folder, name), 'utf8');
        const imports = [...source.matchAll(IMPORT)].map(([, from = '']) => from);
        found.push(...imports.filter((from) => !ALLOWED.test(from)).map((from) => `${name}: ${from}`));
        const code = source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|'[^'\n]*'|`[^`]*`/g, '');
        if (NODE.test(code)) found.push(`${name}: ${NODE.exec(code)?.[0]}`);
      }
    }
    expect(found).to.deep.equal([]);
  });
});
