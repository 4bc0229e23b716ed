import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const APPLICATION = 'src/application';
const FOLDER = /src\/application\/([a-z-]+)\//;

describe('docs/architecture.md', () => {
  let page: string;
  let sources: ReadonlyMap<string, string>;

  before(async () => {
    page = await readFile('docs/architecture.md', 'utf8');
    const paths = (await readdir('src', { recursive: true })).filter((path) => path.endsWith('.ts'));
    const texts = paths.map(async (path) => [join('src', path), await readFile(join('src', path), 'utf8')] as const);
    sources = new Map(await Promise.all(texts));
  });

  it('lists every folder of the application, in an order in which none imports an earlier one', async () => {
    const order = orderOf(sectionOf('Layers'));
    const entries = await readdir(APPLICATION, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect([...order.keys()]).to.have.members(folders);
    const upward = importsBetweenFolders().filter(([from, to]) => Number(order.get(to)) < Number(order.get(from)));
    expect(upward.map((folders) => folders.join(' -> '))).to.deep.equal([]);
  });

  it('names classes, functions and constants of the source', () => {
    const names = [...page.matchAll(/`(?:#?[\w]+\.)?#?(\w*[a-z][A-Z]\w*)(?:\([^`]*\))?`/g)].map(
      ([, name = '']) => name,
    );
    expect(names).to.include.members(['RequestPipeline', 'requireAccess']);
    const words = new Set([...sources.values()].flatMap((source) => source.match(/\w+/g) ?? []));
    expect(names.filter((name) => !words.has(name))).to.deep.equal([]);
  });

  it('answers ten questions, each with a file or folder', () => {
    const rows = sectionOf('Ten questions').split('\n').slice(1);
    const answered = rows.filter((row) => /^\| .*\? +\| .*`src\/[\w./-]+` +\|$/.test(row));
    expect(answered).to.have.length(10);
    expect(rows.filter((row) => row.startsWith('|'))).to.have.length(12);
  });

  function sectionOf(heading: string): string {
    const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
    return section ?? '';
  }

  function importsBetweenFolders(): [from: string, to: string][] {
    return [...sources].flatMap(([path, source]) => {
      const [, from] = FOLDER.exec(path) ?? [];
      if (from === undefined) return [];
      return [...source.matchAll(/from '(\.[^']+)'/g)].flatMap(([, target = '']): [string, string][] => {
        const [, to] = FOLDER.exec(join(dirname(path), target)) ?? [];
        return to === undefined || to === from ? [] : [[from, to]];
      });
    });
  }
});

/** The folders of the application by the number of the item that lists them. */
function orderOf(section: string): ReadonlyMap<string, number> {
  const items = section.split(/^- /m).slice(1);
  return new Map(
    items.flatMap((item, i) =>
      [...item.matchAll(/`src\/application\/([a-z-]+)\/`/g)].map(([, name = '']): [string, number] => [name, i]),
    ),
  );
}
