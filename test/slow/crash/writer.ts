import { writeSync } from 'node:fs';
import type { LocalEngineName } from '../../../src/infrastructure/storage/engines/registry.js';
import { openEngineStore } from '../../contract/engine-fixtures.js';
import { lastBatch, WRITERS, writeBatch } from './concurrent-writers.js';

/**
 * Run as `node writer.js ENGINE FOLDER`: writes until it is killed, and prints `writer number` for each durable batch.
 */
const [name, folder] = process.argv.slice(2);
const store = await openEngineStore(name as LocalEngineName, folder as string);
await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));

async function write(writer: number): Promise<void> {
  for (let last = await lastBatch(store, writer); ; last++) {
    writeSync(1, `${writer} ${last}\n`);
    await writeBatch(store, writer, last + 1);
  }
}
