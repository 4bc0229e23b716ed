import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { engine as sound } from '../../../src/infrastructure/storage/engines/json-file/engine.js';

// json-file that never syncs anything.
const handle = await open(new URL(import.meta.url));
const prototype = Object.getPrototypeOf(handle) as FileHandle;
await handle.close();
prototype.datasync = async () => undefined;
prototype.sync = async () => undefined;

export const engine = sound;
