import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../harness/free-port.js';
import { EtcdLinks } from './etcd-links.js';

const MAX_ATTEMPTS = 5;

/** One member of a cluster. */
export interface EtcdMember {
  readonly url: string;
  start(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Kills it, and waits for its end. */
  kill(): Promise<void>;
}

/** A cluster of its own on loopback, its data in a folder that goes with it. */
export interface EtcdCluster {
  /** Of all members. */
  readonly url: string;
  readonly members: readonly EtcdMember[];
  /** The network between them, if it was asked for. */
  readonly links: EtcdLinks | undefined;
  remove(): Promise<void>;
}

/** Why none can be started here; undefined if one can. */
export async function missingEtcd(): Promise<string | undefined> {
  const found = promisify(execFile)('etcd', ['--version']);
  return found.then(
    () => undefined,
    () => 'etcd is not installed (apt-get install etcd-server)',
  );
}

export interface EtcdClusterOptions {
  readonly flags?: readonly string[];
  readonly size?: number;
  /** Whether the network between members can be cut. */
  readonly linked?: boolean;
}

/** Starts some members with these flags besides. Rejects if etcd is missing. */
export async function startEtcd(options: EtcdClusterOptions = {}): Promise<EtcdCluster> {
  const { flags = [], size = 1, linked = false } = options;
  // In memory if possible: what is tested here is no disk.
  const parent = await access('/dev/shm', constants.W_OK).then(
    () => '/dev/shm',
    () => '/tmp',
  );
  const folder = await mkdtemp(join(parent, 'portkv-etcd-'));
  // One that was free a moment ago may be given twice.
  const free = new Set<number>();
  while (free.size < 2 * size) free.add(await freePort());
  const all = [...free];
  const ports = Array.from({ length: size }, (_, i) => [all[2 * i], all[2 * i + 1]] as [number, number]);
  const links = linked ? await EtcdLinks.before(ports.map(([, peer]) => peer)) : undefined;
  const addresses = ports.map(([client, peer], i) => ({
    name: `m${i}`,
    client: `http://127.0.0.1:${client}`,
    peer: `http://127.0.0.1:${peer}`,
    found: links?.addresses[i] ?? `http://127.0.0.1:${peer}`,
  }));
  const cluster = addresses.map(({ name, found }) => `${name}=${found}`).join();
  const members = addresses.map(({ name, client, peer, found }) =>
    memberOf(client, [
      ...['--name', name, '--data-dir', join(folder, name), '--log-level', 'error', '--logger', 'zap'],
      ...['--listen-client-urls', client, '--advertise-client-urls', client],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', found, '--initial-cluster', cluster],
      ...flags,
    ]),
  );
  await Promise.all(members.map((member) => member.start()));
  await links?.learn(addresses[0]?.client ?? '');
  return {
    url: addresses.map(({ client }) => client).join(),
    members,
    links,
    remove: async () => {
      links?.close();
      await Promise.all(members.map((member) => member.kill()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function memberOf(url: string, parameters: readonly string[]): EtcdMember {
  let child: ChildProcess | undefined;
  return {
    url,
    start: async () => {
      let attempts = 1;
      child = spawn('etcd', parameters, { stdio: 'ignore' });
      while (!(await isHealthy(url))) {
        if (child.exitCode !== null) {
          // Another program may have its port for a moment.
          if (attempts === MAX_ATTEMPTS) throw new Error(`etcd ended with ${child.exitCode}`);
          attempts += 1;
          child = spawn('etcd', parameters, { stdio: 'ignore' });
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    signal: (name) => child?.kill(name),
    kill: async () => {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/health`);
    return answer.ok && ((await answer.json()) as { health?: unknown }).health === 'true';
  } catch {
    return false;
  }
}
