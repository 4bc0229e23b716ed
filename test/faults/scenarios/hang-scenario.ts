import { join } from 'node:path';
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

/** Makes a write hang for some ms, while its client gets a response in time. */
export async function hangWrite(library: string, subject: ProjectSpec, ms: number): Promise<HangResult> {
  const folder = await ServerFolder.make([{ ...subject, options: { ...subject.options, commit_timeout: 0.5 } }]);
  const faults = new FaultSwitch(join(folder.path, 'faults'));
  const server = await ServerProcess.start(folder, { env: faultEnv(library, folder.data, faults.env) });
  await server.ready();
  const tested: TrackedProject = { id: subject.id, ledger: new Ledger(), wrong: [] };
  await writeKey(server, tested, 'PUT', 'own-0', nextValue());
  faults.set(`write:DELAY${ms}:/${subject.id}:1+`);
  await writeKey(server, tested, 'PUT', 'own-0', nextValue());
  faults.clear();
  return { folder, server, tested };
}
