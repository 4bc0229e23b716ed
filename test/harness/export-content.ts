import { createHash } from 'node:crypto';
import { expect } from 'chai';
import type { HttpResponse } from './http-client.js';
import type { TestProject } from './test-project.js';

export function exported(project: TestProject, query = ''): Promise<HttpResponse> {
  return project.send('GET', `export${query}`);
}

export function imported(project: TestProject, body: Buffer, query = ''): Promise<HttpResponse> {
  return project.send('POST', `import${query}`, { body, headers: { 'content-type': 'application/x-ndjson' } });
}

/** An export with this line, made by hand. What the members of its header say does not matter. */
export function exportOf(line: string): Buffer {
  const text = `{"format":"portkv-export","version":1,"project":"p","created_at":1}\n${line.trimEnd()}\n`;
  const sha256 = createHash('sha256').update(text).digest('hex');
  return Buffer.from(`${text}{"count":1,"sha256":"${sha256}"}\n`);
}

/** The entries of an export without their versions, if the export and its trailer are correct. */
export function contents({ status, bytes }: Pick<HttpResponse, 'status' | 'bytes'>): Record<string, unknown>[] {
  expect(status, bytes.toString().slice(0, 500)).to.equal(200);
  const lines = bytes.toString().split('\n');
  expect(lines.pop()).to.equal('');
  const { count, sha256 } = JSON.parse(lines.pop() ?? '');
  const text = lines.map((line) => `${line}\n`).join('');
  expect(sha256).to.equal(createHash('sha256').update(text).digest('hex'));
  expect(count).to.equal(lines.length - 1);
  return lines.slice(1).map((line) => {
    const { version: _, ...entry } = JSON.parse(line);
    return entry;
  });
}
