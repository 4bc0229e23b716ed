import type { AuthenticationSettings } from './settings/key-settings.js';
import type { Settings } from './settings/settings.js';

/** Who has a primary key; `project` undefined: the system. */
export interface KeyHolder {
  readonly project: string | undefined;
  readonly key: AuthenticationSettings;
}

/** The system and every project. */
export function keyHolders({ system, projects }: Settings): KeyHolder[] {
  const others = projects.map(({ id, authentication }) => ({ project: id, key: authentication }));
  return [{ project: undefined, key: system.authentication }, ...others];
}
