import type { Scope } from '../../domain/api-key.js';

/**
 * Who may do something: the system key; a key of the project, with a scope if one is named; any valid key. A key with a
 * prefix may do it only if the request names the entries it touches, or if the use case confines itself to the prefix.
 */
export type AccessRule =
  | { readonly allow: 'system' }
  | {
      readonly allow: 'project';
      readonly scope?: Scope;
      readonly orSystem?: true;
      /** The use case confines itself to the keys that a prefix leaves to the caller. */
      readonly handlesPrefix?: true;
    }
  | { readonly allow: 'any' };

/**
 * All rules. Each use case enforces its own; transports name the same one to refuse a request before they read its
 * body.
 */
export const rules = {
  system: { allow: 'system' },
  read: { allow: 'project', scope: 'read' },
  write: { allow: 'project', scope: 'write' },
  remove: { allow: 'project', scope: 'delete' },
  list: { allow: 'project', scope: 'list' },
  watch: { allow: 'project', scope: 'watch', handlesPrefix: true },
  admin: { allow: 'project', scope: 'admin', orSystem: true },
  removeWithin: { allow: 'project', scope: 'delete', handlesPrefix: true },
  listWithin: { allow: 'project', scope: 'list', handlesPrefix: true },
  readWithin: { allow: 'project', scope: 'read', handlesPrefix: true },
  writeWithin: { allow: 'project', scope: 'write', handlesPrefix: true },
  keys: { allow: 'project', scope: 'admin', orSystem: true, handlesPrefix: true },
  /** Each operation of a transaction asks for its own scope. */
  transaction: { allow: 'project' },
  member: { allow: 'project', orSystem: true },
  any: { allow: 'any' },
} as const satisfies Record<string, AccessRule>;
