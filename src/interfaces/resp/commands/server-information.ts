import type { Client } from '../client/client.js';
import { REDIS_VERSION } from './authentication.js';

/** The sections of `INFO`, as lines of names and values. */
export function informationOf(client: Client, asked: readonly string[]): string {
  const wanted = new Set(asked.map((name) => name.toLowerCase()));
  const isAll = wanted.size === 0 || ['all', 'default', 'everything'].some((name) => wanted.has(name));
  return Object.entries(sectionsOf(client))
    .filter(([name]) => isAll || wanted.has(name.toLowerCase()))
    .map(([name, fields]) => `# ${name}\r\n${linesOf(fields)}`)
    .join('\r\n');
}

function sectionsOf({ server }: Client): Readonly<Record<string, object>> {
  const seconds = Math.floor((Date.now() - server.startedAt) / 1000);
  return {
    Server: {
      redis_version: REDIS_VERSION,
      redis_mode: 'standalone',
      portkv_version: server.version,
      process_id: process.pid,
      tcp_port: server.port,
      uptime_in_seconds: seconds,
      uptime_in_days: Math.floor(seconds / 86_400),
    },
    Clients: { connected_clients: server.clients.size, maxclients: server.maxClients },
    Memory: { used_memory: process.memoryUsage.rss(), maxmemory: 0, maxmemory_policy: 'noeviction' },
    // Clients wait until a server has loaded its data: one that answers has.
    Persistence: { loading: 0, async_loading: 0 },
    Replication: { role: 'master', connected_slaves: 0 },
    Cluster: { cluster_enabled: 0 },
  };
}

function linesOf(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('');
}
