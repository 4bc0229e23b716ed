import { expect } from 'chai';
import { type RawResponse, RawSocket } from '../../harness/raw-socket.js';
import { TestServer } from '../../harness/test-server.js';
import { type BadInput, badInputs } from './bad-input.js';

const GOOD = 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n';

describe('Bad input', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  const open = () => new RawSocket(server.address);

  it('is refused with status and envelope; the connection closes if it must; the next request is served', async () => {
    const inputs = badInputs(server.projectKey, server.systemKey);
    expect(inputs.length).to.be.at.least(150);
    const wrong: string[] = [];
    for (let i = 0; i < inputs.length; i += 20) {
      const group = inputs.slice(i, i + 20).map(async (input) => {
        const problem = await problemWith(input, open());
        if (problem !== undefined) wrong.push(`${input.name}: ${problem}`);
      });
      await Promise.all(group);
      expect((await open().send(GOOD).answer())?.status).to.equal(200);
    }
    expect(wrong).to.deep.equal([]);
  });
});

async function problemWith({ bytes, status, closes }: BadInput, socket: RawSocket): Promise<string | undefined> {
  try {
    const answer = await socket.send(bytes).answer();
    if (answer === undefined) return 'no answer';
    if (answer.status !== status) return `${answer.status} instead of ${status}: ${answer.body.slice(0, 200)}`;
    const flaw = flawOf(answer);
    if (flaw !== undefined) return flaw;
    if (closes) return (await socket.closed()) ? undefined : 'the connection stays open';
    if (/^connection: close$/im.test(answer.head)) return undefined;
    return (await socket.send(GOOD).answer())?.status === 200 ? undefined : 'the next request is not served';
  } finally {
    socket.destroy();
  }
}

/** What is wrong with the form of an error response. */
function flawOf({ head, body, status }: RawResponse): string | undefined {
  if (!/^x-request-id: \S+$/im.test(head)) return 'no request id';
  if (!/^x-content-type-options: nosniff$/im.test(head)) return 'no nosniff';
  if (/<|\bat .*:\d+:\d+|node_modules|\.js\b/.test(body.replace('<script>alert(1)</script>', '')))
    return `shows its inside: ${body}`;
  const envelope = JSON.parse(body) as { status_code: number; error: { code: string } };
  return envelope.status_code === status && envelope.error.code !== '' ? undefined : `no envelope: ${body}`;
}
