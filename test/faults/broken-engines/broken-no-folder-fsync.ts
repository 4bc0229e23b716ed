import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { engine as sound } from '../../../src/infrastructure/storage/engines/json-file/engine.js';

// json-file that syncs files, but no folder: the names of its files are not safe.
const handle = await open(new URL(import.meta.url));
const prototype = Object.getPrototypeOf(handle) as FileHandle;
await handle.close();
const sync = prototype.sync;
prototype.sync = async function (this: FileHandle) {
  if (!(await this.stat()).isDirectory()) await sync.call(this);
};

export const engine = sound;
