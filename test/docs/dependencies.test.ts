import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { pathsIn } from '../harness/paths-in.js';

type Versions = Readonly<Record<string, string>>;

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly os?: readonly string[];
  readonly optionalDependencies?: Versions;
  readonly hasInstallScript?: boolean;
}

const STATIC = /^(?:import|export)\s+(type\s+)?(?:[\w$*{},\s]+?\s+from\s+)?'([^']+)'/gm;
/** `load` is what files here call the `require` that they make. */
const DYNAMIC = /(?:\bimport|\brequire|\bload|\bcreateRequire\(import\.meta\.url\))\('([^']+)'/g;

interface Imported {
  readonly file: string;
  readonly name: string;
  /** Whether it is gone in the compiled file. */
  readonly typesOnly: boolean;
}

/** It is bundled by the build: what it imports is not installed with the server. */
const CONSOLE = 'src/interfaces/console';

/** What the files of some folders import from packages other than Node's own and this one. */
async function importedIn(...folders: string[]): Promise<Imported[]> {
  const found: Imported[] = [];
  for (const folder of folders) {
    for (const file of await pathsIn(folder)) {
      // The tests of other programs are a package of their own.
      if (!/\.[jt]sx?$/.test(file) || join(folder, file).startsWith('test/interop/')) continue;
      const text = await readFile(join(folder, file), 'utf8');
      const add = (from = '', typesOnly = false) => {
        if (from.startsWith('#')) return;
        const [name = ''] = /^(?:@[^/]+\/)?[^/]+/.exec(from) ?? [];
        if (/^(?:\.|\/|node:|portkv$)/.test(name) || from.includes('${')) return;
        found.push({ file: join(folder, file), name, typesOnly });
      };
      for (const [, type, from] of text.matchAll(STATIC)) add(from, type !== undefined);
      for (const [, from] of text.matchAll(DYNAMIC)) add(from);
    }
  }
  return found;
}

async function serverImports(): Promise<Imported[]> {
  return (await importedIn('src')).filter(({ file }) => !file.startsWith(CONSOLE));
}

describe('Dependencies', () => {
  let production: Versions;
  let development: Versions;
  let locked: [string, Locked][];
  let page: string[];

  before(async () => {
    const manifest = JSON.parse(await readFile('package.json', 'utf8'));
    production = manifest.dependencies;
    development = manifest.devDependencies;
    const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8'));
    locked = Object.entries<Locked>(packages).filter(([path]) => path !== '');
    page = (await readFile('docs/dependencies.md', 'utf8')).split(/^## /m);
  });

  /** The packages in the table below a heading. */
  function listed(heading: string): string[] {
    const part = page.find((one) => one.startsWith(`${heading}\n`)) ?? '';
    return [...part.matchAll(/^\| `([^`]+)` +\| +\S/gm)].map(([, name]) => name ?? '');
  }

  it('each have a reason in docs/dependencies.md', () => {
    expect(listed('In production')).to.have.members(Object.keys(production));
    expect(listed('To build and test')).to.have.members(Object.keys(development));
  });

  it('for production are each loaded by a file of src/, unless the page says which package needs them', async () => {
    const loaded = new Set((await serverImports()).filter(({ typesOnly }) => !typesOnly).map(({ name }) => name));
    const others = Object.keys(production).filter((name) => !loaded.has(name));
    expect(others).to.have.members(listed('Needed by other packages'));
  });

  it('are all that is imported: in src/ those for production only', async () => {
    const strangers = (all: Imported[], known: readonly string[]) =>
      all.filter(({ name }) => !known.includes(name)).map(({ file, name }) => `${file}: ${name}`);
    const forSource = listed('In production');
    const forTests = [...forSource, ...listed('To build and test')];
    expect(strangers(await serverImports(), forSource)).to.deep.equal([]);
    expect(strangers(await importedIn(CONSOLE), listed('To build and test'))).to.deep.equal([]);
    expect(strangers(await importedIn('test', 'bench', 'scripts'), forTests)).to.deep.equal([]);
  });

  it('have exact versions, which the lock file repeats', () => {
    for (const [name, version] of Object.entries({ ...production, ...development })) {
      expect(version, name).to.match(/^\d+\.\d+\.\d+$/);
      const entry = locked.find(([path]) => path === `node_modules/${name}`);
      expect(entry?.[1].version, name).to.equal(version);
    }
  });

  it('are known by their checksum, save binaries for other systems', () => {
    const unknown = locked.filter(([, { integrity, os }]) => integrity === undefined && os === undefined);
    expect(unknown.map(([path]) => path)).to.deep.equal([]);
  });

  it('are locked for every system, without which `npm ci` refuses the lock file', () => {
    const paths = new Set(locked.map(([path]) => path));
    for (const [path, { optionalDependencies = {} }] of locked) {
      for (const name of Object.keys(optionalDependencies)) {
        const found = paths.has(`node_modules/${name}`) || paths.has(`${path}/node_modules/${name}`);
        expect(found, `${path} -> ${name}`).to.equal(true);
      }
    }
  });

  it('run no install script that is not on the list', () => {
    const scripts = locked.filter(([, { dev, hasInstallScript }]) => hasInstallScript && !dev);
    const names = scripts.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    expect(names).to.have.members(listed('Install scripts'));
  });
});
