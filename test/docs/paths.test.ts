import { access, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { expect } from 'chai';
import { pathsIn } from '../harness/paths-in.js';

/** Files that the examples create, and one that must not be there. */
const ABSENT = [
  'src/infrastructure/storage/engines/whole-file/engine.ts',
  'src/interfaces/lines/line-transport.ts',
  'index.ts',
];
/** A path from the root of the repository, also of what was built of one; `*` stands for any name. */
const PATH = /(?<![\w/.-])(?:dist\/)?((?:src|test|docs|bench|bin|scripts|packaging)\/[\w./*-]*[\w*/])/g;
/** A file of the repository by its name alone, in backticks. */
const NAME = /`([\w.-]+\.(?:ts|c))`/g;
const LINK = /\]\(([^)#:]*)(?:#([^)]*))?\)/g;
/** Columns of docs/testing.md that name a test or a broken engine by its file, without the extension. */
const COLUMN = /^(?:test(?: in .*)?|noticed by|shown by|broken engine)$/;

describe('The documents', () => {
  const pages = new Map<string, string>();
  let files: readonly string[];

  before(async () => {
    const docs = (await readdir('docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
    for (const page of ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...docs]) {
      pages.set(page, await readFile(page, 'utf8'));
    }
    const folders = ['src', 'test', 'docs', 'bench', 'bin', 'scripts', 'packaging'];
    files = (await Promise.all(folders.map(async (at) => [at, ...(await below(at))]))).flat();
  });

  it('name paths that exist', () => {
    const missing = matches(PATH).filter(([, path]) => !ABSENT.includes(path) && !exists(path));
    expect(missing.map(([page, path]) => `${page} -> ${path}`)).to.deep.equal([]);
  });

  it('name files that exist, also without their folder', () => {
    const names = new Set(files.map((file) => basename(file)));
    const missing = matches(NAME).filter(([, name]) => !ABSENT.includes(name) && !names.has(name));
    expect(missing.map(([page, name]) => `${page} -> ${name}`)).to.deep.equal([]);
  });

  it('name tests and broken engines that exist in the tables of docs/testing.md', () => {
    const named = testsIn(pages.get('docs/testing.md') ?? '');
    expect(named).to.include.members(['power-loss', 'broken-no-fsync', 'group-commit']);
    const known = files.map((file) =>
      /([\w-]+)\.test\.ts$|broken-engines\/([\w-]+)\.ts$/.exec(file)?.slice(1).join(''),
    );
    expect(named.filter((name) => !known.includes(name))).to.deep.equal([]);
  });

  it('list every folder of tests, and every second folder of src, once where they say what is where', async () => {
    const contributing = sectionOf(pages.get('CONTRIBUTING.md') ?? '', 'Where things are');
    const testing = sectionOf(pages.get('docs/testing.md') ?? '', 'Where the tests are');
    const listed = [...contributing.matchAll(/^(?:src|test)\/\S*(?= {2})/gm)].map(([path]) => path);
    expect(listed.filter((path, i) => listed.indexOf(path) < i)).to.deep.equal([]);
    for (const folder of await foldersIn('test')) {
      expect(listed).to.include(`test/${folder}/`);
      expect(testing).to.include(`\`test/${folder}/\``);
    }
    for (const room of await foldersIn('src')) {
      const lines = contributing.split('\n').filter((line) => line.startsWith(`src/${room}/`));
      for (const folder of await foldersIn(`src/${room}`)) expect(lines.join('\n'), room).to.include(`${folder}/`);
    }
  });

  it('link to pages and headings that exist', async () => {
    for (const [page, text] of pages) {
      for (const [, target = '', heading] of text.matchAll(LINK)) {
        const path = target === '' ? page : join(dirname(page), target);
        await access(path);
        if (heading !== undefined) expect(headings(pages.get(path) ?? ''), `${page} -> ${path}`).to.include(heading);
      }
    }
  });

  function matches(pattern: RegExp): [page: string, found: string][] {
    return [...pages].flatMap(([page, text]) =>
      [...text.matchAll(pattern)].map(([, found = '']): [string, string] => [page, found]),
    );
  }

  /** A built file exists if its source does. */
  function exists(path: string): boolean {
    const source = path.replace(/\/$/, '').replace(/\.js$/, '.ts');
    if (!source.includes('*')) return files.includes(source) || files.includes(path);
    const pattern = new RegExp(`^${source.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);
    return files.some((file) => pattern.test(file));
  }
});

async function below(folder: string): Promise<string[]> {
  return (await pathsIn(folder)).map((path) => join(folder, path));
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules').map(({ name }) => name);
}

function sectionOf(page: string, heading: string): string {
  return page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
}

/** What stands in backticks in the columns that name tests, if it is a name and no path. */
function testsIn(page: string): string[] {
  let columns: number[] = [];
  return page.split('\n').flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    const found = cells.flatMap((cell, i) => (COLUMN.test(cell) ? [i] : []));
    if (!line.startsWith('|')) columns = [];
    else if (found.length > 0) columns = found;
    return columns.flatMap((i) => [...(cells[i] ?? '').matchAll(/`([a-z0-9-]+)`/g)].map(([, name = '']) => name));
  });
}

function headings(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}
