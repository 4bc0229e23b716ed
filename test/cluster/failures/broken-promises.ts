import { setTimeout as sleep } from 'node:timers/promises';
import type { GroupMember, ServerGroup } from './server-group.js';

/** How many keys more than a quota allows a project has, after rivals at all servers have filled it. */
export async function admittedBeyond(group: ServerGroup, project: string, most: number): Promise<number> {
  await group.project(project, { limits: { max_keys: most } });
  let done = 0;
  const rivals = Array.from({ length: 12 }, async (_, i) => {
    for (let n = 0; n < most; n++) {
      const { status } = await group.send('PUT', `${project}/values/${i}-${n}`, { body: 'x' });
      if (status === 201) done += 1;
      // The quota is used up.
      else if (status !== 503) return;
    }
  });
  await Promise.all(rivals);
  const { json } = await group.send('GET', `${project}/store?limit=1000`);
  const stored = Object.keys(json.data.items).length;
  if (stored < done) throw new Error(`${done} keys were acknowledged, and ${stored} are stored`);
  return stored - most;
}

/**
 * Revokes keys while a server is stopped, and asks it with them as soon as it goes on. Returns the statuses of requests
 * that it served.
 */
export async function revokedButServed(group: ServerGroup, project: string): Promise<number[]> {
  await group.project(project);
  const [awake, asleep] = group.members as [GroupMember, GroupMember];
  const { data } = await awake.server.call('POST', `${project}/api-keys`, group.keys.get(project) ?? '', {
    name: 'writer',
    scopes: ['read', 'write'],
  });
  const headers = { authorization: `Bearer ${data.key}` };
  const write = (n: number) =>
    group.sendTo(asleep.server, 'PUT', `${project}/values/${n}`, { body: 'x', headers }).then(({ status }) => status);
  // The key is known there, and so are connections.
  for (const status of await Promise.all([1, 2, 3, 4].map(write))) if (status !== 201) throw new Error(`${status}`);
  asleep.server.portkv.kill('SIGSTOP');
  await sleep(500);
  // They have arrived when it goes on, before anything else that it could do.
  const early = [5, 6, 7, 8].map(write);
  const { status } = await awake.server.call('DELETE', `${project}/api-keys/${data.id}`, group.keys.get(project) ?? '');
  if (status !== 200) throw new Error(`${status}`);
  asleep.server.portkv.kill('SIGCONT');
  const late: Promise<number>[] = [];
  for (let n = 10; n < 20; n++) {
    late.push(write(n));
    await sleep(20);
  }
  return (await Promise.all([...early, ...late])).filter((it) => it < 400);
}
