import type { AccessRule } from '../../../domain/access.js';

/** Who may call a route. */
export const rules = {
  system: { allow: 'system' },
  read: { allow: 'project', scope: 'read' },
  write: { allow: 'project', scope: 'write' },
  remove: { allow: 'project', scope: 'delete' },
  list: { allow: 'project', scope: 'list' },
  watch: { allow: 'project', scope: 'watch' },
  admin: { allow: 'project', scope: 'admin', orSystem: true },
  member: { allow: 'project', orSystem: true },
  any: { allow: 'any' },
} as const satisfies Record<string, AccessRule>;
