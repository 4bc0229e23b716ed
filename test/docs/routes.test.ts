import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { DocumentedRoutes } from '../api/documented/documented-routes.js';
import { TestServer } from '../harness/test-server.js';
import { answersOf, examplesOf, masked } from './examples.js';

describe('docs/routes.md', () => {
  let server: TestServer;
  let page: string;

  before(async () => {
    server = await TestServer.start();
    page = await readFile('docs/routes.md', 'utf8');
  });
  after(() => server.stop());

  it('has a section with an example for every route, and for no other', async () => {
    const routes = (await DocumentedRoutes.of(server)).all;
    const sections = page.split(/^#{2,3} /m).filter((section) => /^[A-Z]+ \//.test(section));
    const headings = sections.map((section) => section.slice(0, section.indexOf('\n')));
    expect(headings).to.have.members(routes.map(({ method, path }) => `${method} ${path}`));
    for (const [i, section] of sections.entries()) expect(examplesOf(section), headings[i]).not.to.be.empty;
  });

  it('shows the answers that its examples get (`npm run docs` writes them)', async () => {
    const examples = examplesOf(page);
    const variables = { URL: server.address, SYSTEM_KEY: server.systemKey, KEY: server.projectKey };
    const answers = await answersOf(examples, variables, server.folder);
    for (const [i, { command, kind, answer }] of examples.entries()) {
      if (kind !== undefined) expect(masked(kind, answers[i] ?? ''), command).to.equal(masked(kind, answer));
    }
  });
});
