import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';

const CORE = ['src/domain', 'src/application'];

/** A standard may be cited for what it defines. */
const CITATION = /RFC \d{4}(, section [\d.]+)?/g;

/** Words of HTTP: the protocol and its server, paths and verbs of the API, and names of headers, which look alike. */
const HTTP = [
  /https?(?![a-z])/gi,
  /\bexpress\b/gi,
  /\bREST\b/g,
  /\broutes?\b/gi,
  /\/api\//gi,
  /\b(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\b(?= |'|`)/g,
  /\bstatus[ _-]?codes?\b/gi,
  /\b(request|response|HTTP|type) headers?\b/gi,
  /\b(if-match|if-none-match|if-(un)?modified-since|www-authenticate|x-[a-z-]+|etags?)\b/gi,
  /\b[A-Z][a-z]+(-[A-Z][a-z]+)+\b/g,
  /\b(URLs?|CORS|[Qq]uery strings?|[Cc]ookies?|[Uu]ser agents?|[Ww]eb ?[Ss]ockets?)\b/g,
];

describe('The core', () => {
  it('has no word of HTTP in its code, comments and messages', async () => {
    const found: string[] = [];
    for (const folder of CORE) {
      for (const name of (await readdir(folder, { recursive: true })).filter((one) => one.endsWith('.ts')).sort()) {
        const path = join(folder, name);
        found.push(...wordsOfHttp(await readFile(path, 'utf8')).map((word) => `${path}:${word}`));
      }
    }
    expect(found.length, `\n${found.join('\n')}\n`).to.equal(0);
  });

  it('would be caught with one, but for citations of standards', () => {
    const caught = [
      ...['// answers over HTTP', "import { Server } from 'node:http';", "from 'express'", '/** For REST. */'],
      ...['/** The id of the route. */', 'at /api/v1/projects/', "method === 'PATCH'", 'with a status code'],
      ...["'If-Match does not hold'", "'if-none-match'", '// the Retry-After of an answer', 'see its ETag'],
    ];
    for (const line of caught) expect(wordsOfHttp(line), line).to.have.length.above(0);
    for (const line of ['as in RFC 9110, section 13.1', 'the rest of it', 'Simple-PyKV', 'a header of an export']) {
      expect(wordsOfHttp(line), line).to.deep.equal([]);
    }
  });
});

/** Each as `line: word`. */
function wordsOfHttp(source: string): string[] {
  return source.split('\n').flatMap((line, i) => {
    const uncited = line.replaceAll(CITATION, '');
    return HTTP.flatMap((word) => (uncited.match(word) ?? []).map((found) => `${i + 1}: ${found}`));
  });
}
