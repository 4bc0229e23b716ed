import { ServerProcess } from '../harness/server/server-process.js';
import { ServerFolder } from '../harness/server-folder.js';

/** What an empty server takes to start on a machine that has nothing else to do, in ms. */
const EMPTY = 350;

/** By how much this machine is slower now than one that has nothing else to do, at least 1. */
export async function slownessHere(): Promise<number> {
  const folder = await ServerFolder.make([]);
  const began = performance.now();
  const server = await ServerProcess.start(folder);
  const took = performance.now() - began;
  await server.kill();
  await folder.remove();
  return Math.max(1, took / EMPTY);
}
