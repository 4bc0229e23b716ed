import { parentPort, workerData } from 'node:worker_threads';
import { checkFile } from './check-file.js';

/** What the thread found: without `damage` the file is intact. */
export interface CheckResult {
  readonly damage?: string;
}

/** What is to be checked; `closed` as in `readHeader`. */
export interface CheckJob {
  readonly file: string;
  readonly closed: boolean;
}

parentPort?.postMessage(result(workerData as CheckJob));

function result({ file, closed }: CheckJob): CheckResult {
  try {
    checkFile(file, closed);
    return {};
  } catch (error) {
    return { damage: error instanceof Error ? error.message : String(error) };
  }
}
