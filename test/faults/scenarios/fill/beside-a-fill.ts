import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateExport } from '../../../slow/moves/generated-export.js';
import { moveTo } from '../../harness/move-request.js';
import type { ServerProcess } from '../../harness/server/server-process.js';
import { ALL_PROJECTS, type ProjectSpec } from '../../harness/server-folder.js';
import { fillUp } from '../full-disk-scenario.js';

/** What happens to a project, again and again, while its disk is filled. */
export interface Beside {
  readonly name: string;
  /** Does it once and returns its outcome, or rejects with what is wrong. */
  once(filled: FilledProject): Promise<string>;
}

export interface FilledProject {
  readonly server: ServerProcess;
  readonly subject: ProjectSpec;
  /** The folder where the disk is mounted. */
  readonly mount: string;
}

const moves: Beside = {
  name: 'moves',
  async once({ server, subject }) {
    const { engine } = (await server.send('GET', subject.id)).json.data.storage;
    const wanted = engine === 'directory' ? 'json-file' : 'directory';
    const begun = await moveTo(server, { ...subject, ...specOf(wanted) });
    if (begun.status === 507) return '507';
    if (begun.status !== 202) throw new Error(`move: ${begun.status} ${begun.text}`);
    for (;;) {
      const { state, error } = (await server.send('GET', begun.headers.location ?? '')).json.data;
      if (state === 'done') return state;
      if (state === 'failed' && /reserve|No space is left|ENOSPC|is full/.test(error)) return state;
      if (state === 'failed') throw new Error(`move: ${error}`);
      await sleep(5);
    }
  },
};

const snapshots: Beside = {
  name: 'snapshots',
  async once({ server, subject: { id } }) {
    const taken = await server.send('POST', `${id}/snapshots`);
    if (taken.status === 507) return '507';
    if (taken.status !== 201) throw new Error(`snapshot: ${taken.status} ${taken.text}`);
    const removed = await server.send('DELETE', `${id}/snapshots/${taken.json.data.id}`);
    if (removed.status !== 200) throw new Error(`snapshot removed: ${removed.status} ${removed.text}`);
    return '201';
  },
};

let turn = 0;
const imports: Beside = {
  name: 'imports',
  async once({ server, subject: { id } }) {
    // An entry that is there already would not be written again.
    turn += 1;
    const body = generateExport(id, `turn ${turn}`, 2_000);
    const { status, text } = await server.send('POST', `${id}/import?mode=merge`, { body });
    if (status !== 200 && status !== 507) throw new Error(`import: ${status} ${text}`);
    return `${status}`;
  },
};

const anotherProgram: Beside = {
  name: 'another program that takes all room and gives it back',
  async once({ mount }) {
    const taken = await fillUp(mount, 0, 'taken');
    await sleep(3);
    await rm(taken);
    return 'done';
  },
};

export const BESIDE: readonly Beside[] = [moves, snapshots, imports, anotherProgram];

/** The engine with the options that its tests have. */
function specOf(wanted: string): Pick<ProjectSpec, 'engine' | 'options'> {
  const { engine = wanted, options = {} } = ALL_PROJECTS.find((one) => one.engine === wanted) ?? {};
  return { engine, options };
}
