import { expect } from 'chai';
import type { TestServer } from '../harness/test-server.js';

/** Migrates a project, and waits for the end. */
export async function move(server: TestServer, project: string, storage: object): Promise<void> {
  const begun = await server.call('PUT', project, { key: server.systemKey, body: JSON.stringify({ storage }) });
  expect(begun.status, begun.text).to.equal(202);
  for (;;) {
    const { json } = await server.call('GET', begun.headers.get('location') ?? '', { key: server.systemKey });
    if (json.data.state === 'done') return;
    expect(json.data.state, JSON.stringify(json.data)).to.equal('copying');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
