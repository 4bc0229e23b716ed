import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../domain/errors.js';
import { readIdFile, writeIdFile } from '../storage/building-blocks/server/id-file.js';
import type { Heartbeat, NodeReport } from './documents.js';

const FILE = 'node.portkv.json';
/** The time between two looks at reports of the same id, in ms. */
const INTERVAL = 200;

/** The id that a server keeps in its data folder; made at the first call. Rejects like `readIdFile`. */
export async function keptNodeId(folder: string): Promise<string> {
  const path = join(folder, FILE);
  const found = await readIdFile(path, 'which names this server');
  if (found !== undefined) return found;
  const machine = hostname()
    .replaceAll(/[^A-Za-z0-9.-]/g, '')
    .replace(/^[.-]+/, '')
    .slice(0, 50);
  const id = `${machine === '' ? 'node' : machine}-${randomBytes(3).toString('hex')}`;
  await writeIdFile(path, id);
  return id;
}

/**
 * Rejects with `unavailable` if a server that still reports has the id of this one, `node`. Of two that start at the
 * same time one goes on. Returns the last reports of servers with that id that have not reported for `maxAge` ms.
 */
export async function requireUniqueId(
  own: string,
  node: string | undefined,
  report: () => Promise<Heartbeat>,
  maxAge: number,
): Promise<readonly NodeReport[]> {
  const counts = new Map<string, number>();
  for (let since = performance.now(); ; ) {
    const same = (await report()).others.filter(({ about }) => node !== undefined && about?.id === node);
    const running = same.filter(({ id, count }) => counts.has(id) && counts.get(id) !== count);
    const first = running.find(({ id, about }) => about?.state !== 'starting' || id < own);
    if (first !== undefined) throw notUnique(node, first);
    if (running.length > 0) since = performance.now();
    for (const { id, count } of same) counts.set(id, count);
    if (same.length === 0 || performance.now() - since >= maxAge) return same;
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  }
}

function notUnique(node: string | undefined, { about }: NodeReport): AppError {
  const where = about?.address ? `, at ${about.address},` : '';
  const message =
    `Another server${where} has the id ${node}: give each an own system.node.id, ` +
    'and a data folder that is no copy of the other one';
  return new AppError('unavailable', message, { isPermanent: true });
}
