import { parentPort, workerData } from 'node:worker_threads';
import { checkFile } from './check-file.js';

/** What the thread found: without `damage`, the file is sound. */
export interface CheckResult {
  readonly damage?: string;
}

parentPort?.postMessage(result(workerData as string));

function result(file: string): CheckResult {
  try {
    checkFile(file);
    return {};
  } catch (error) {
    return { damage: error instanceof Error ? error.message : String(error) };
  }
}
