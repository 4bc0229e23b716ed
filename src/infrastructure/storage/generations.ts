import type { Project } from '../../domain/project.js';
import type { EngineWish, OtherGeneration } from './placement.js';

/** What settings ask for, in the order in which it is compared. */
export function wishOf({ engine, options, encryption }: Project['storage']): EngineWish {
  return { engine, options: { ...options }, ...(encryption === undefined ? {} : { encryption: { ...encryption } }) };
}

/** What it takes to open a generation's files, and nothing else that is known of it. */
export function generationOf(from: OtherGeneration): OtherGeneration {
  const { engine, options, encryption, keys, generation } = from;
  const sealed = { ...(encryption === undefined ? {} : { encryption }), ...(keys === undefined ? {} : { keys }) };
  return { engine, options, ...sealed, generation };
}

/** What a placement says of the generation that is in charge. */
export function inCharge(next: OtherGeneration) {
  const { generation, keys, ...configured } = generationOf(next);
  return { encryption: undefined, ...configured, keys, configured, generation };
}
