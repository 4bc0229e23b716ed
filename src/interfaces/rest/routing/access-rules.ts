import type { AccessRule } from '../../../application/access/authorize.js';

/** Who may call a route. */
export const rules = {
  system: { allow: 'system' },
  read: { allow: 'project', scope: 'read' },
  write: { allow: 'project', scope: 'write' },
  remove: { allow: 'project', scope: 'delete' },
  list: { allow: 'project', scope: 'list' },
  watch: { allow: 'project', scope: 'watch', slices: true },
  admin: { allow: 'project', scope: 'admin', orSystem: true },
  /** Handlers that keep to the slice which a prefix leaves a key. */
  removeSlice: { allow: 'project', scope: 'delete', slices: true },
  listSlice: { allow: 'project', scope: 'list', slices: true },
  readSlice: { allow: 'project', scope: 'read', slices: true },
  writeSlice: { allow: 'project', scope: 'write', slices: true },
  keys: { allow: 'project', scope: 'admin', orSystem: true, slices: true },
  /** Each operation of a transaction asks for its own scope. */
  transaction: { allow: 'project' },
  member: { allow: 'project', orSystem: true },
  any: { allow: 'any' },
} as const satisfies Record<string, AccessRule>;
