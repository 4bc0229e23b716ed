import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import { expressApp } from '../../../../../src/interfaces/rest/express-app.js';
import { fastPath } from '../../../../../src/interfaces/rest/routing/fast-path.js';
import type { Resource } from '../../../../../src/interfaces/rest/routing/resource.js';

const PROJECT = '/api/v1/projects/{project}';
const PATHS = [
  '/livez',
  '/api/v1/projects',
  PROJECT,
  `${PROJECT}/store`,
  `${PROJECT}/store/{key}`,
  `${PROJECT}/store/{key}/value`,
  `${PROJECT}/store/{key}/touch`,
  `${PROJECT}/values`,
  `${PROJECT}/values/{key*}`,
  `${PROJECT}/latest`,
  `${PROJECT}/transactions`,
];

/** Parts of URLs, some of which are segments of routes and some only similar. */
const part = fc.oneof(
  fc.constantFrom(
    'api',
    'v1',
    'projects',
    'store',
    'values',
    'value',
    'touch',
    'latest',
    'transactions',
    'livez',
    '',
    '.',
    '..',
    '__proto__',
  ),
  fc.constantFrom(
    'a',
    'a%2Fb',
    '%20',
    '%',
    '%zz',
    '%ff',
    '%E2%82%AC',
    'a+b',
    'a:b',
    'a;b=c',
    '*',
    '{key}',
    ':key',
    'A',
  ),
  fc.webSegment(),
);
const url = fc
  .tuple(
    fc.constantFrom(
      '/api/v1/projects/p/',
      '/api/v1/projects/p/store/',
      '/api/v1/projects/p/values/',
      '/api/v1/projects/',
      '/',
    ),
    fc.array(part, { maxLength: 4 }),
    fc.constantFrom('', '?', '?key=a', '?a=/store/b', '?ttl=1&x=%2F'),
  )
  .map(([before, parts, query]) => before + parts.join('/') + query);

describe('The fast path', () => {
  it('matches 3,000 random URLs to the same route, key and project as express, or not at all', async () => {
    const resources = new Map(
      PATHS.map((path): [string, Resource] => [
        path,
        { path, routes: new Map(), allow: '', dialect: undefined, options: {} },
      ]),
    );
    const match = fastPath(resources);
    let seen: unknown;
    let headers: string[] = [];
    const app = expressApp(resources, {
      serve: async ({ path: resource }, path, _, response) => {
        seen = { resource, path: { ...path } };
        headers = response.getHeaderNames();
        response.end();
      },
      refuse: (error, _, response) => {
        seen = (error as Error).message;
        response.end();
      },
    });
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const byExpress = async (path: string) => {
      seen = undefined;
      const [answer] = await once(request({ port, path, agent: false }).end(), 'response');
      answer.resume();
      await once(answer, 'end');
      return seen;
    };
    let recognised = 0;
    try {
      await fc.assert(
        fc.asyncProperty(url, async (path) => {
          const found = match(path);
          if (found === undefined) return;
          recognised += 1;
          expect(await byExpress(path), path).to.deep.equal({ resource: found.resource.path, path: found.path });
          expect(headers, 'headers that the fast path would not send').to.deep.equal([]);
        }),
        { numRuns: 3000 },
      );
    } finally {
      server.close();
    }
    expect(recognised).to.be.above(300);
  }).timeout(60_000);
});
