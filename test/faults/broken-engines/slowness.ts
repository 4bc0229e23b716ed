import { DataSet } from '../harness/data-set.js';
import { ServerProcess } from '../harness/server-process.js';

/** What an empty server takes to start on a machine that has nothing else to do, in ms. */
const EMPTY = 350;

/** By how much this machine is slower now than one that has nothing else to do, at least 1. */
export async function slownessHere(): Promise<number> {
  const set = await DataSet.make([]);
  const began = performance.now();
  const server = await ServerProcess.start(set);
  const took = performance.now() - began;
  await server.kill();
  await set.remove();
  return Math.max(1, took / EMPTY);
}
