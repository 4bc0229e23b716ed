import { afterAll, beforeAll, describe } from 'vitest';
import { Server } from '../server.ts';

const ENGINES = ['memory', 'json-file', 'directory', 'lmdb'] as const;

/** A project on a server. */
export interface Target {
  readonly address: string;
  readonly project: string;
}

/** Runs a suite on a project of every engine that is served in a dialect, with the key `k`. */
export function onEveryEngine(dialect: string, suite: (target: () => Target) => void): void {
  let server: Server;
  beforeAll(async () => {
    const settings = { authentication: { api_key: 'k' }, dialects: [dialect] };
    server = await Server.start({
      projects: ENGINES.map((engine) => ({ id: engine, storage: { engine }, ...settings })),
    });
  });
  afterAll(() => server.stop());
  for (const engine of ENGINES) describe(engine, () => suite(() => ({ address: server.address, project: engine })));
}
