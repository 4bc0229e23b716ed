import type { Examined } from './examine-project.js';
import type { Repaired } from './repaired.js';

type Repair = (found: Examined) => Promise<Repaired>;

const REPAIRS: Readonly<Record<string, Repair>> = {
  async 'json-file'({ place, unsound }) {
    const { engine } = await import('./json-file/engine.js');
    const { repair } = await import('./json-file/repair.js');
    const [file = '', current = '', old = ''] = await engine.files(place, new engine.Options());
    return repair({ file, current, old }, unsound);
  },

  async directory({ place, options, unsound }) {
    const { folderOf } = await import('./directory/engine.js');
    const { repair } = await import('./directory/repair.js');
    return repair(folderOf(place, options), unsound);
  },
};

/** Whether a damaged store of the engine can be repaired. */
export function isRepairable(engine: string): boolean {
  return Object.hasOwn(REPAIRS, engine);
}

/**
 * Recovers what can be read of a damaged store and keeps the damaged files. Rejects with `unavailable` where nothing is there to be read.
 * Throws where it is not repairable.
 */
export async function repairStore(found: Examined): Promise<Repaired> {
  const repair = REPAIRS[found.engine];
  if (repair === undefined) throw new Error(`the engine ${found.engine} cannot be repaired`);
  return repair(found);
}
