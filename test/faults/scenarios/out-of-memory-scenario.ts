import type { MemoryLimit } from '../harness/server/memory-limit.js';
import type { ProjectSpec } from '../harness/server-folder.js';
import type { ServerEnding } from './kill-scenario.js';

const EATER: ProjectSpec = { id: 'eater', engine: 'memory', durable: false, encrypted: false };
const PIECE = 'x'.repeat(1_000_000);

/** Fills a project in memory until the kernel kills the server for it. */
export function exhaustMemory({ under }: MemoryLimit): ServerEnding {
  return {
    under,
    beside: [EATER],
    async end(server, random) {
      const from = Math.floor(random() * 1e9);
      for (let i = from, alive = true; alive; i++) {
        alive = await server.send('PUT', `${EATER.id}/values/${i}`, { body: PIECE }).then(
          () => true,
          () => false,
        );
      }
      const { signal, code } = await server.ended;
      if (signal !== 'SIGKILL') throw new Error(`it ended with ${signal ?? code}: ${server.log.slice(-500)}`);
    },
  };
}
