import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { engineNamed, engineNames } from '../../../../../src/infrastructure/storage/engines/registry.js';

const ENGINES = 'src/infrastructure/storage/engines';

describe('Engine folders', () => {
  it('import no other engine', async () => {
    for (const engine of engineNames) {
      const files = await readdir(join(ENGINES, engine), { recursive: true });
      for (const name of files.filter((file) => file.endsWith('.ts'))) {
        const text = await readFile(join(ENGINES, engine, name), 'utf8');
        const others = engineNames.filter((other) => other !== engine && text.includes(`../${other}/`));
        expect(others, `${engine}/${name}`).to.deep.equal([]);
      }
    }
  });

  it('have the same file name for the same role', async () => {
    for (const name of engineNames) {
      const files = await readdir(join(ENGINES, name));
      const { localFiles, server, maintenance } = await engineNamed(name);
      expect(files).to.include('engine.ts');
      expect(files.includes(`${name}-store.ts`), `${name}-store.ts`).to.equal((localFiles ?? server) !== undefined);
      expect(files.includes('inspect.ts'), `${name}/inspect.ts`).to.equal(maintenance !== undefined);
      expect(files.includes('repair.ts'), `${name}/repair.ts`).to.equal(maintenance?.repair !== undefined);
    }
  });
});
