import { join } from 'node:path';
import { DataSet, type Subject } from '../harness/data-set.js';
import { FaultSwitch, faultEnv } from '../harness/fault-library.js';
import { Ledger } from '../harness/ledger.js';
import { ServerProcess } from '../harness/server-process.js';
import { change, nextValue, type Tested } from '../harness/workload.js';

/** A project of which a write hung, and what its client was told. */
export interface Hanging {
  readonly set: DataSet;
  readonly server: ServerProcess;
  readonly tested: Tested;
}

/** A write hangs for some ms, and its client is told in time. */
export async function hanging(library: string, subject: Subject, ms: number): Promise<Hanging> {
  const set = await DataSet.make([{ ...subject, options: { ...subject.options, commit_timeout: 0.5 } }]);
  const faults = new FaultSwitch(join(set.folder, 'faults'));
  const server = await ServerProcess.start(set, { env: faultEnv(library, set.data, faults.env) });
  await server.ready();
  const tested: Tested = { id: subject.id, ledger: new Ledger(), wrong: [] };
  await change(server, tested, 'PUT', 'own-0', nextValue());
  faults.set(`write:DELAY${ms}:/${subject.id}:1+`);
  await change(server, tested, 'PUT', 'own-0', nextValue());
  faults.clear();
  return { set, server, tested };
}
