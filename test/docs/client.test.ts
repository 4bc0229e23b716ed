import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { TestServer } from '../harness/test-server.js';

/** What each program of the page prints. */
const OUTPUTS = [
  "Ada\n1n\nuser/1 { name: 'Ada L.' }\nwater the plants\n",
  'precondition_failed 412\n',
  'ready \nput seen/1\n',
  '0 system string read,list\ntrue createSnapshot done\n',
];

describe('docs/client.md', () => {
  it('shows programs that work', async () => {
    const page = await readFile('docs/client.md', 'utf8');
    const programs = [...page.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, program = '']) => program);
    const server = await TestServer.start();
    try {
      const keys = { URL: server.address, KEY: server.projectKey, SYSTEM_KEY: server.systemKey };
      const outputs = programs.map(async (program) => {
        const args = ['--input-type=module', '--eval', program];
        return (await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...keys } })).stdout;
      });
      expect(await Promise.all(outputs)).to.deep.equal(OUTPUTS);
    } finally {
      await server.stop();
    }
  });
});
