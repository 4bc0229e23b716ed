import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runHere } from '../harness/portkv-here.js';
import { TestServer } from '../harness/test-server.js';

describe('portkv console', () => {
  let server: TestServer;
  let folder: string;
  before(async () => {
    server = await TestServer.start();
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  after(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it('opens the address of the server in the browser that BROWSER names, and prints it', async () => {
    const [browser, opened] = [join(folder, 'browser'), join(folder, 'opened')];
    await writeFile(browser, `#!/bin/sh\necho "$@" > ${opened}\n`);
    await chmod(browser, 0o700);
    const { out, code } = await runHere(['console'], { PORTKV_URL: server.address, BROWSER: browser });
    expect([out, code]).to.deep.equal([`${server.address}/console/\n`, 0]);
    for (;;) {
      const text = await readFile(opened, 'utf8').catch(() => '');
      if (text.endsWith('\n')) {
        expect(text).to.equal(out);
        break;
      }
      await new Promise((done) => setTimeout(done, 20));
    }
    const page = await (await fetch(out.trim())).text();
    const [, script = ''] = /<script type="module"[^>]* src="([^"]+)"/.exec(page) ?? [];
    expect((await fetch(new URL(script, out.trim()))).status, `the built console has ${script}`).to.equal(200);
  });

  it('needs no key and no browser', async () => {
    const env = { PORTKV_URL: server.address, BROWSER: join(folder, 'missing') };
    const { out, errors, code } = await runHere(['console', '--json'], env);
    expect([JSON.parse(out), code]).to.deep.equal([{ url: `${server.address}/console/` }, 0]);
    expect(errors).to.equal('No browser could be opened here; open the address yourself\n');
    const printed = await runHere(['console', '--no-open'], env);
    expect([printed.out, printed.errors]).to.deep.equal([`${server.address}/console/\n`, '']);
  });

  it('says which setting turns the console on, and ends with 4', async () => {
    await server.configure({ console: { enabled: false } });
    const { out, errors, code } = await runHere(['console', '--no-open'], { PORTKV_URL: server.address });
    expect([out, code]).to.deep.equal(['', 4]);
    expect(errors).to.match(/^[^\n]*The console is off[^\n]*"console": \{"enabled": true\}[^\n]*\n$/);
  });
});
