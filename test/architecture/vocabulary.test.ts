import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { pathsIn } from '../harness/paths-in.js';
import { DIALECT } from './dialect.js';
import { proseOfPage, proseOfSource } from './prose.js';
import { RETIRED_EXPORTS, RETIRED_FILES, RETIRED_WORDS } from './retired-names.js';

const LONGEST_LINE = 120;
const SOURCES = ['src', 'test', 'bench', 'scripts'];
/** These files contain the words that they refuse. */
const ABOUT_WORDS = ['test/architecture/dialect.ts', 'test/architecture/vocabulary.test.ts'];
const EXPORTED = /^export (?:abstract |async |declare )*(?:class|function\*?|const|let|interface|type|enum) (\w+)/gm;

describe('The vocabulary', () => {
  const files = new Map<string, string>();

  before(async () => {
    for (const folder of SOURCES) await readAll(folder, /\.[jt]sx?$/);
    await readAll('docs', /^[^/]*\.md$/);
    for (const page of ['README.md', 'CONTRIBUTING.md', 'SECURITY.md']) files.set(page, await readFile(page, 'utf8'));
  });

  async function readAll(folder: string, name: RegExp): Promise<void> {
    const names = (await pathsIn(folder)).filter((path) => name.test(path)).sort();
    for (const path of names) files.set(join(folder, path), await readFile(join(folder, path), 'utf8'));
  }

  for (const [what, folders] of Object.entries({
    'the comments and messages of src': ['src/'],
    'the comments and titles of test': ['test/'],
    'the comments of bench and scripts': ['bench/', 'scripts/'],
    'the pages': ['docs/', 'README', 'CONTRIBUTING', 'SECURITY'],
  })) {
    it(`is plain English in ${what}`, () => expectNone(dialectIn(folders)));
  }

  it('finds each phrase of the dialect, and leaves plain English alone', () => {
    for (const text of [...DIALECTAL, ...PLAIN]) {
      const found = phrasesIn('', proseOfSource(`const a = 1; // ${text}\n`));
      expect(found.length > 0, text).to.equal(DIALECTAL.includes(text));
    }
  });

  it('reads comments, titles and messages, and no code', () => {
    const source = 'it("somebody asks for it", () => whoever(/"/, "nobody")); /* lest\n * anew */ log(`it tells you`);';
    const lines = phrasesIn('a.ts', proseOfSource(source)).map((text) => text.split(' ')[0]);
    expect(lines).to.have.members(['a.ts:1:', 'a.ts:1:', 'a.ts:2:', 'a.ts:2:']);
  });

  it('has no retired name for a file or an export of src', () => {
    const retired = [...files].flatMap(([path, source]) => {
      if (!path.startsWith('src/')) return [];
      const exported = [...source.matchAll(EXPORTED)].map(([, name = '']) => name);
      const words = new Set(source.match(/(?<!#)\b\w+/g));
      return [
        ...RETIRED_FILES.filter((name) => path.endsWith(`/${name}.ts`)).map(() => path),
        ...RETIRED_EXPORTS.filter((name) => exported.includes(name)).map((name) => `${path}: ${name}`),
        ...RETIRED_WORDS.filter((name) => words.has(name)).map((name) => `${path}: ${name}`),
      ];
    });
    expectNone(retired);
  });

  it(`has lines of at most ${LONGEST_LINE} characters in code`, () => {
    const long = [...files].flatMap(([path, source]) => {
      const lines = path.endsWith('.md') ? [] : source.split('\n');
      return lines.flatMap((line, i) => (line.length > LONGEST_LINE ? [`${path}:${i + 1}`] : []));
    });
    expectNone(long);
  });

  function dialectIn(folders: readonly string[]): string[] {
    return [...files].flatMap(([path, text]) => {
      if (ABOUT_WORDS.includes(path) || !folders.some((folder) => path.startsWith(folder))) return [];
      return phrasesIn(path, path.endsWith('.md') ? proseOfPage(text) : proseOfSource(text));
    });
  }
});

const DIALECTAL = `whoever asks
it waits, lest it fails
written anew
how it shall be
what it was told
Answers how many there are
a page for who asks
there is none
a key that is none
\`conflict\` where it runs
undefined where it is
the schema, where it has one
makes one where there is nothing
stops where the key is missing
Where the file is cut, it is repaired
the one behind
entries behind the key`.split('\n');

const PLAIN = `the folder where the key is stored
Where the tests are, and what they hold
cannot be told apart by its bytes
a server behind a proxy
served behind a path prefix
undefined if there is none
from a position on, where it puts a brace
a reader that fell behind
a reader that is behind.
\`somebody\`
the answers that it got
write-behind`.split('\n');

/** Fails with the whole list. */
function expectNone(found: readonly string[]): void {
  expect(found.length, `\n${found.join('\n')}\n`).to.equal(0);
}

/** Each as `path:line: phrase -> what to write instead`. */
function phrasesIn(path: string, prose: string): string[] {
  return DIALECT.flatMap(({ pattern, instead }) =>
    [...prose.matchAll(pattern)].map(({ 0: found, index }) => {
      const line = prose.slice(0, index).split('\n').length;
      return `${path}:${line}: ${found.replaceAll(/\s+/g, ' ').trim()} -> ${instead}`;
    }),
  );
}
