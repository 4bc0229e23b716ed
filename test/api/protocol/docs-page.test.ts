import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { errorTable } from '../../../src/interfaces/rest/response/error-response.js';
import { TestServer } from '../../harness/test-server.js';

describe('The pages under /docs', () => {
  let server: TestServer;

  before(async () => {
    await promisify(execFile)(process.execPath, ['scripts/copy-docs.js']);
    server = await TestServer.start();
  });
  after(() => server.stop());

  it('are the target of the root', async () => {
    const { status, headers } = await server.call('GET', '/');
    expect([status, headers.get('location')]).to.deep.equal([302, 'docs']);
  });

  it('load everything from this server, and may load nothing else', async () => {
    const page = await server.call('GET', '/docs');
    expect(page.headers.get('content-type')).to.match(/^text\/html/);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy)
      .to.match(/default-src 'none'/)
      .and.not.match(/unsafe|https?:|\*/);
    expect(page.text).not.to.match(/https?:\/\//);
    const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)]
      .map(([, at]) => at ?? '')
      .filter((at) => at !== 'data:,');
    expect(parts).to.include.members(['docs/errors', 'openapi.json', 'console/']);
    const files = parts.filter((part) => /\.(css|js)$/.test(part));
    expect(files).to.have.length(4);
    for (const part of files) {
      const { status, headers, text } = await server.call('GET', `/${part}`);
      expect(status, part).to.equal(200);
      expect(headers.get('content-type'), part).to.match(part.endsWith('.css') ? /^text\/css/ : /javascript/);
      expect(text, part).to.match(/\S/);
    }
  });

  it('lead to the console only if it is on', async () => {
    const linked = async () => {
      const pages = await Promise.all(['/docs', '/docs/errors'].map((path) => server.call('GET', path)));
      return pages.map(({ text }) => /<a href="(?:..\/)?console\/">/.test(text));
    };
    expect(await linked()).to.deep.equal([true, true]);
    await server.configure({ console: { enabled: false } });
    expect(await linked()).to.deep.equal([false, false]);
    await server.configure({ console: { enabled: true } });
  });

  it('describe every error code, and no other', async () => {
    const sections = [...(await readFile('docs/errors.md', 'utf8')).matchAll(/^## (.*)$/gm)].map(([, code]) => code);
    expect(sections).to.have.members(Object.keys(errorTable));
    const { text } = await server.call('GET', '/docs/errors');
    for (const [code, { status }] of Object.entries(errorTable)) {
      expect(text, code).to.match(new RegExp(`<h2 id="${code}">${code}</h2>\\s*<p>Status ${status}`));
    }
  });

  it('are the target of the type of a problem', async () => {
    const { json } = await server.call('GET', '/status', { headers: { accept: 'application/problem+json' } });
    expect(json.type).to.equal('/docs/errors#unauthenticated');
  });

  it('cannot be changed, and do not lead out of their folder', async () => {
    for (const [method, status] of [
      ['POST', 405],
      ['OPTIONS', 204],
    ] as const) {
      const answer = await server.call(method, '/docs/errors');
      expect([answer.status, answer.headers.get('allow')]).to.deep.equal([status, 'GET, HEAD, OPTIONS']);
    }
    for (const path of ['/docs/..%2fsrc%2fmain.js', '/docs/nothing', '/docs/%2e%2e/package.json']) {
      expect((await server.call('GET', path)).json?.error.code, path).to.equal('not_found');
    }
    const { status, headers } = await server.call('GET', '/docs/');
    expect([status, headers.get('location')]).to.deep.equal([302, '../docs']);
  });
});
