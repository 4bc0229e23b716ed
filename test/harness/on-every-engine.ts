import type { LocalEngineName } from '../../src/infrastructure/storage/engines/registry.js';
import { ENGINE_FIXTURES } from '../contract/engine-fixtures.js';
import { MovableClock } from './movable-clock.js';
import { TestProject } from './test-project.js';
import { TestServer } from './test-server.js';

/** What the tests on one engine use. */
export interface OnEngine {
  readonly name: string;
  readonly durable: boolean;
  readonly clock: MovableClock;
  readonly server: TestServer;
  /** Creates a project on the engine. */
  project(settings?: object): Promise<TestProject>;
}

/** Declares the tests once for every engine, each with a server of its own. */
export function onEveryEngine(title: string, declare: (on: OnEngine) => void): void {
  for (const name of Object.keys(ENGINE_FIXTURES) as LocalEngineName[]) {
    describe(`${title}, on engine ${name}`, () => {
      const clock = new MovableClock();
      let server: TestServer;
      let count = 0;
      before(async () => {
        server = await TestServer.start(clock);
      });
      after(() => server.stop());
      declare({
        name,
        durable: ENGINE_FIXTURES[name].durable,
        clock,
        get server() {
          return server;
        },
        project: async (settings = {}) => {
          count += 1;
          const id = `p${count}`;
          return new TestProject(server, id, await server.project(id, { storage: { engine: name }, ...settings }));
        },
      });
    });
  }
}
