import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { expect } from 'chai';

const MOST_FILES = 15;
const MOST_LINES = 300;
const MEDIAN_LINES = 60;
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g;

/**
 * The imports between the children of a folder, files and folders: by child the others, each with one import as proof.
 */
type Graph = Map<string, Map<string, string>>;

describe('The folders of src', () => {
  const sources = new Map<string, string>();

  before(async () => {
    for (const name of await readdir('src', { recursive: true })) {
      if (/\.tsx?$/.test(name)) sources.set(name, await readFile(join('src', name), 'utf8'));
    }
  });

  it(`have at most ${MOST_FILES} files side by side`, () => {
    const counts = new Map<string, number>();
    for (const name of sources.keys()) counts.set(dirname(name), (counts.get(dirname(name)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > MOST_FILES)).to.deep.equal([]);
  });

  it(`have files of at most ${MOST_LINES} lines, half of them under ${MEDIAN_LINES}`, () => {
    const lines = [...sources].map(([name, text]): [string, number] => [name, text.trimEnd().split('\n').length]);
    expect(lines.filter(([, count]) => count > MOST_LINES)).to.deep.equal([]);
    const sorted = lines.map(([, count]) => count).sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).to.be.below(MEDIAN_LINES);
  });

  it('import each other in one direction, at every level', () => {
    const found = [...graphsOf(sources)].flatMap(([folder, graph]) =>
      cyclesIn(graph).map((cycle) => [folder, ...cycle]),
    );
    expect(found).to.deep.equal([]);
  });

  it('would be reported if two imported each other, also through a third, and with any form of import', () => {
    const cycle = new Map([
      ['a/one.tsx', "import { two } from '../b/two.js';"],
      ['b/two.ts', "export type Three = import('../c/three.js').Three;"],
      ['c/three.ts', "export { other } from '../a/other.js';"],
      ['a/other.ts', ''],
    ]);
    const found = [...graphsOf(cycle)].flatMap(([, graph]) => cyclesIn(graph));
    expect(found).to.deep.equal([['a/one.tsx -> b/two.js', 'b/two.ts -> c/three.js', 'c/three.ts -> a/other.js']]);
  });

  it('are those of the architecture at the top', async () => {
    const top = await readdir('src');
    const folders = ['application', 'composition', 'domain', 'infrastructure', 'interfaces'];
    expect(top.sort()).to.deep.equal([...folders, 'library.ts', 'main.ts']);
  });
});

function importsOf(name: string, text: string): string[] {
  return [...text.matchAll(IMPORT)].map(([, to = '']) => relative('.', resolve(dirname(name), to)));
}

/** By folder, what its children import from one another. */
function graphsOf(sources: ReadonlyMap<string, string>): Map<string, Graph> {
  const graphs = new Map<string, Graph>();
  for (const [name, text] of sources) {
    for (const to of importsOf(name, text)) {
      // Both as they are imported: a file may be TypeScript with or without markup.
      const [from, target] = [name.replace(/\.tsx?$/, '.js').split(sep), to.split(sep)];
      let depth = 0;
      while (from[depth] === target[depth] && depth < from.length - 1) depth += 1;
      const [child = '', other = ''] = [from[depth], target[depth]];
      const folder = from.slice(0, depth).join('/');
      const graph = graphs.get(folder) ?? new Map();
      graphs.set(folder, graph.set(child, new Map(graph.get(child)).set(other, `${name} -> ${to}`)));
    }
  }
  return graphs;
}

/** The cycles that a search in depth meets, each as the imports that close it. */
function cyclesIn(graph: Graph): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const visit = (child: string, path: readonly string[], proofs: readonly string[]): void => {
    const start = path.indexOf(child);
    if (start >= 0) cycles.push(proofs.slice(start));
    if (start >= 0 || done.has(child)) return;
    for (const [other, proof] of graph.get(child) ?? []) visit(other, [...path, child], [...proofs, proof]);
    done.add(child);
  };
  for (const child of graph.keys()) visit(child, [], []);
  return cycles;
}
