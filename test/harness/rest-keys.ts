import type { KeyMaker } from './caller-kinds.js';

/** How keys are made by the API of a server. */
interface KeyApi {
  readonly systemKey: string;
  /** The path is absolute or relative to `/api/v1/projects/`. */
  call(
    method: string,
    path: string,
    options: { readonly key: string; readonly body?: string },
    // biome-ignore lint/suspicious/noExplicitAny: answers of several shapes
  ): Promise<{ readonly status: number; readonly text: string; readonly json?: any }>;
  wait(ms: number): void;
}

/** Makes keys by the API; `settings` are those of the projects. */
export function restKeys({ systemKey, call, wait }: KeyApi, settings: object = {}): KeyMaker {
  let owner = '';
  const ask = async (method: string, path: string, key: string, body?: object) => {
    const answer = await call(method, path, { key, ...(body && { body: JSON.stringify(body) }) });
    if (answer.status >= 400) throw new Error(answer.text);
    return answer.json?.data;
  };
  return {
    systemKey,
    project: async (id) => {
      const project = { id, storage: { engine: 'memory' }, ...settings };
      const { new_api_key: key } = await ask('POST', '/api/v1/projects', systemKey, project);
      owner ||= key;
      return key;
    },
    key: ({ scopes = ['read', 'write', 'delete', 'list', 'watch', 'admin'], prefix, expiresIn }) => {
      const expiry = expiresIn === undefined ? {} : { expires_in: expiresIn / 1000 };
      return ask('POST', 'p/api-keys', owner, { name: 'test', scopes, ...(prefix && { prefix }), ...expiry });
    },
    rotate: async (id, grace) =>
      (await ask('POST', `p/api-keys/${id}/rotate`, owner, { grace: Math.min(grace / 1000, 604_800) })).key,
    remove: (id) => ask('DELETE', `p/api-keys/${id}`, owner),
    wait,
  };
}
