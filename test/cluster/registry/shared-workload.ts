import type { RegistryProcess } from './registry-process.js';

/** What clients of several servers wrote, and what they were answered. */
export interface WrittenEverywhere {
  /** Acknowledged increments of each server. */
  readonly increments: number;
  /** The keys of acknowledged puts. */
  readonly keys: readonly string[];
  /** Answers but 2xx. */
  readonly failures: readonly string[];
}

/**
 * Adds to one counter, puts keys, and reads its own writes, through each of the servers until `ended`. A server that
 * `isDown` gets no request; what it was asked just before may fail.
 */
export async function writeEverywhere(
  servers: readonly RegistryProcess[],
  project: string,
  key: string,
  ended: () => boolean,
  isDown: (server: RegistryProcess) => boolean = () => false,
): Promise<WrittenEverywhere> {
  let increments = 0;
  const keys: string[] = [];
  const failures: string[] = [];
  const clients = servers.map(async (server, client) => {
    const ask = async (method: string, path: string, body?: object | string) => {
      const answer = await server.call(method, `${project}/${path}`, key, body).catch((error: Error) => error);
      const isFine = !(answer instanceof Error) && answer.status < 300;
      const problem = answer instanceof Error ? String(answer.cause) : `${answer.status} ${answer.text}`;
      if (!isFine && !isDown(server)) failures.push(`${method} ${path}: ${problem}`);
      return isFine ? answer : undefined;
    };
    for (let n = 0; !ended(); n++) {
      if (isDown(server)) await pause();
      else {
        if ((await ask('POST', 'store/n/increment', {})) !== undefined) increments += 1;
        const name = `put/${client}/${n}`;
        if ((await ask('PUT', `values/${name}`, String(n))) !== undefined) {
          keys.push(name);
          const other = servers[(client + 1) % servers.length] as RegistryProcess;
          const read = isDown(other)
            ? undefined
            : await other.call('GET', `${project}/values/${name}`, key).catch(pause);
          if (read && read.text !== String(n) && !isDown(other)) failures.push(`${name} is ${read.text} elsewhere`);
        }
      }
    }
  });
  await Promise.all(clients);
  return { increments, keys, failures };
}

/** What is missing of what was acknowledged, as a server has it. `unknown` is how many increments may be there, too. */
export async function missingAt(
  server: RegistryProcess,
  project: string,
  key: string,
  { increments, keys }: WrittenEverywhere,
  unknown = 0,
): Promise<string[]> {
  const problems: string[] = [];
  const n = Number((await server.call('GET', `${project}/values/n`, key)).text);
  if (n < increments || n > increments + unknown) problems.push(`n is ${n}, ${increments} were acknowledged`);
  const exported = (await server.call('GET', `${project}/export`, key)).text;
  const there = new Set([...exported.matchAll(/"key":"([^"]+)"/g)].map(([, name]) => name));
  return [...problems, ...keys.filter((name) => !there.has(name))];
}

/** Begins to move a project. */
export async function beginMove(server: RegistryProcess, project: string, system: string, storage: object) {
  const begun = await server.call('PUT', project, system, { storage });
  if (begun.status !== 202) throw new Error(`${begun.status} ${begun.text}`);
}

/** The last migration of a project as that server has it. */
export async function lastMigration(server: RegistryProcess, project: string, system: string) {
  const { data } = await server.call('GET', `${project}/migrations`, system);
  return data.at(-1) as {
    readonly id: string;
    readonly state: string;
    readonly error?: string;
    readonly pause_ms?: number;
  };
}

/** Moves a project and waits for the end. Returns how long writers waited, in ms. */
export async function move(server: RegistryProcess, project: string, system: string, storage: object): Promise<number> {
  await beginMove(server, project, system, storage);
  for (;;) {
    const last = await lastMigration(server, project, system);
    if (last.state === 'done' && last.pause_ms !== undefined) return last.pause_ms;
    if (last.state === 'failed') throw new Error(JSON.stringify(last));
    await pause();
  }
}

export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
