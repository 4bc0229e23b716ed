import type { HttpResponse } from '../../harness/http-client.js';
import type { ServerProcess } from './server/server-process.js';
import { type ProjectSpec, storageOf } from './server-folder.js';

/**
 * The project with an API key, so that requests without a key count as the system, which needs none. If the project
 * needed no key, they would count as the project, which may not set encryption.
 */
export function withProjectKey(subject: ProjectSpec): ProjectSpec {
  return { ...subject, key: 'key-of-the-project' };
}

/** Requests the migration of a project to the engine and encryption of `subject`. */
export function moveTo(server: ServerProcess, subject: ProjectSpec, more: object = {}): Promise<HttpResponse> {
  const body = JSON.stringify({ storage: { ...storageOf(subject), ...more } });
  return server.send('PUT', subject.id, { body, headers: { 'content-type': 'application/json' } });
}
