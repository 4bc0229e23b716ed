import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { readIdFile, writeIdFile } from '../storage/building-blocks/server/id-file.js';

const FILE = 'node.portkv.json';

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
