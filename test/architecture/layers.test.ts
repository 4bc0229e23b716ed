import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect } from 'chai';

/** A folder of `src`, and what a file there must not import. */
const FORBIDDEN: readonly (readonly [string, string])[] = [
  ['domain', '../application/other.js'],
  ['domain', '../infrastructure/other.js'],
  ['domain/json', '../../application/other.js'],
  ['domain', 'tsyringe'],
  ['domain', 'node:fs'],
  ['application', '../infrastructure/other.js'],
  ['application/entries', '../../infrastructure/storage/other.js'],
  ['application/entries', '../../interfaces/rest/other.js'],
  ['application/entries', '../../composition/container.js'],
  ['application/entries', '../../main.js'],
  ['application/entries', 'node:fs'],
  ['application/entries', 'express'],
  ['infrastructure/storage', '../../interfaces/rest/other.js'],
  ['infrastructure/storage', '../../composition/container.js'],
  ['interfaces/rest', '../../infrastructure/storage/other.js'],
  ['interfaces/rest', '../../composition/container.js'],
  ['interfaces/adapters', '../../application/entries/other.js'],
  ['interfaces/adapters', '../client/other.js'],
  ['interfaces/adapters', 'keyv'],
  ['interfaces/client', '../../application/entries/other.js'],
  ['interfaces/client', '../../domain/other.js'],
  ['interfaces/client', '../library/other.js'],
  ['interfaces/client', 'node:buffer'],
  ['interfaces/key-value-store', '../../domain/other.js'],
  ['interfaces/console/api', '../../../domain/other.js'],
  ['interfaces/console/api', '../../rest/other.js'],
  ['interfaces/console/api', 'node:fs'],
];

const ALLOWED: readonly (readonly [string, string])[] = [
  ['domain', './other.js'],
  ['domain', './json/other.js'],
  ['domain/json', '../other.js'],
  ['domain', 'node:buffer'],
  ['application/entries', './other.js'],
  ['application/entries', '../ports/other.js'],
  ['application/entries', '../../domain/other.js'],
  ['infrastructure/storage', '../../application/ports/other.js'],
  ['infrastructure/storage', '../../domain/other.js'],
  ['infrastructure/storage', 'node:fs'],
  ['interfaces/rest', '../../application/entries/other.js'],
  ['interfaces/rest', 'express'],
  ['interfaces/adapters', '../key-value-store/other.js'],
  ['interfaces/client', './other.js'],
  ['interfaces/client', '../key-value-store/other.js'],
  ['interfaces/console/api', '../../client/other.js'],
  ['interfaces/console/api', '../routing/other.js'],
];

/** Every way to write an import. */
const FORMS: Readonly<Record<string, (from: string) => string>> = {
  import: (from) => `import { other } from '${from}';\nexport const mine = other;\n`,
  'import type': (from) => `import type { Other } from '${from}';\nexport type Mine = Other;\n`,
  're-export': (from) => `export { other } from '${from}';\n`,
  'dynamic import': (from) => `export const mine = import('${from}');\n`,
  'inline type import': (from) => `export type Mine = import('${from}').Other;\n`,
};

interface Report {
  readonly diagnostics: readonly { readonly category: string; readonly location: { readonly path: string } }[];
}

describe('The layers', () => {
  let tree: string;
  let refused: ReadonlySet<string>;

  before(async () => {
    tree = await mkdtemp(join(tmpdir(), 'portkv-'));
    for (const file of ['biome.json', 'inline-type-imports.grit', '.gitignore']) await cp(file, join(tree, file));
    for (const [folder, from] of [...FORBIDDEN, ...ALLOWED]) {
      for (const [form, text] of Object.entries(FORMS)) await write(fileOf(folder, from, form), text(from));
    }
    await write('src/application/resolving.ts', FORMS.import?.('tsyringe').replaceAll('other', 'container') ?? '');
    await write('src/application/declaring.ts', FORMS.import?.('tsyringe').replaceAll('other', 'inject') ?? '');
    refused = await lint();
  });

  after(() => rm(tree, { recursive: true, force: true }));

  for (const [folder, from] of FORBIDDEN) {
    it(`src/${folder} cannot import ${from}, in whatever form`, () => {
      for (const form of Object.keys(FORMS)) expect([...refused]).to.include(fileOf(folder, from, form));
    });
  }

  it('leave the imports alone that follow the arrows', () => {
    for (const [folder, from] of ALLOWED) {
      for (const form of ['import', 'import type', 'dynamic import']) {
        expect([...refused]).not.to.include(fileOf(folder, from, form));
      }
    }
  });

  it('let the application declare what is injected, not resolve it', () => {
    expect([...refused]).to.include('src/application/resolving.ts');
    expect([...refused]).not.to.include('src/application/declaring.ts');
  });

  async function write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), text);
  }

  /** The files for which the lint run fails because of what they import. */
  async function lint(): Promise<ReadonlySet<string>> {
    const args = ['lint', '--reporter=json', '--max-diagnostics=none', '--vcs-enabled=false', '.'];
    const { code, stdout } = await run(resolve('node_modules/.bin/biome'), args, tree);
    expect(code).to.equal(1);
    const { diagnostics } = JSON.parse(stdout) as Report;
    const kinds = /noRestrictedImports|^plugin$/;
    return new Set(diagnostics.filter(({ category }) => kinds.test(category)).map(({ location }) => location.path));
  }
});

function fileOf(folder: string, from: string, form: string): string {
  return `src/${folder}/${`${form} ${from}`.replaceAll(/[^a-z]+/g, '-')}.ts`;
}

function run(command: string, args: string[], cwd: string): Promise<{ code: unknown; stdout: string }> {
  return new Promise((done) => {
    execFile(command, args, { cwd, maxBuffer: 1e8 }, (error, stdout) => done({ code: error?.code ?? 0, stdout }));
  });
}
