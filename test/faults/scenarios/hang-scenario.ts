import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultSwitch, faultEnv } from '../harness/disk/fault-library.js';
import { Ledger } from '../harness/ledger.js';
import { ServerProcess } from '../harness/server/server-process.js';
import { type ProjectSpec, ServerFolder } from '../harness/server-folder.js';
import { nextValue, type TrackedProject, writeKey } from '../harness/workload.js';

/** A project of which a write hung. */
export interface HangResult {
  readonly folder: ServerFolder;
  readonly server: ServerProcess;
  readonly tested: TrackedProject;
}

/** Makes a write to some of the files hang for some ms, while each client gets a response in time. */
export async function hangWrite(
  library: string,
  subject: ProjectSpec,
  ms: number,
  files = `/${subject.id}`,
): Promise<HangResult> {
  const folder = await ServerFolder.make([{ ...subject, options: { ...subject.options, commit_timeout: 0.5 } }]);
  const faults = new FaultSwitch(join(folder.path, 'faults'));
  const server = await ServerProcess.start(folder, { env: faultEnv(library, folder.data, faults.env) });
  await server.ready();
  const tested: TrackedProject = { id: subject.id, ledger: new Ledger(), wrong: [] };
  await writeKey(server, tested, 'PUT', 'own-0', nextValue());
  faults.set(`write:DELAY${ms}:${files}:1+`);
  // It may be one in the background.
  let isAnswered = true;
  while (isAnswered && tested.ledger.unacknowledged === 0) {
    isAnswered = await writeKey(server, tested, 'PUT', 'own-0', nextValue());
    await sleep(20);
  }
  faults.clear();
  return { folder, server, tested };
}
