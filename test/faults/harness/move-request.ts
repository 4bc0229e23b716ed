import type { HttpResponse } from '../../harness/http-client.js';
import type { ServerProcess } from './server/server-process.js';
import { type ProjectSpec, storageOf } from './server-folder.js';

/**
 * The project with a key, so that whoever has none comes as the system, which is open. Where it was open itself, they would come as the
 * project, which may not ask for encryption.
 */
export function withProjectKey(subject: ProjectSpec): ProjectSpec {
  return { ...subject, key: 'key-of-the-project' };
}

/** Asks for a project to move where the subject says. */
export function moveTo(server: ServerProcess, subject: ProjectSpec, more: object = {}): Promise<HttpResponse> {
  const body = JSON.stringify({ storage: { ...storageOf(subject), ...more } });
  return server.send('PUT', subject.id, { body, headers: { 'content-type': 'application/json' } });
}
