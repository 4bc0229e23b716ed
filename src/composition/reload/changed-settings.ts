import { isDeepStrictEqual } from 'node:util';
import type { Settings } from '../../infrastructure/config/settings/settings.js';
import type { SystemSettings } from '../../infrastructure/config/settings/system-settings.js';
import { isObject } from '../../infrastructure/validation/check-settings.js';

/** The members of `system` that a running server takes over. Every other member needs a restart. */
const SYSTEM = [
  'security',
  'limits',
  'console',
  'cors',
  'rate_limits',
  'trust_proxy',
  'audit',
  'min_free_bytes',
] as const;
/** Of these, projects and keys take effect by themselves. */
const APPLIED = new Set<string>([
  ...SYSTEM.map((name) => `system.${name}`),
  'system.authentication',
  'system.logging.level',
  'system.node.drain_seconds',
  'system.debugging',
]);

/** The paths of the settings that differ: those that a running server takes over, and those that need a restart. */
export interface ChangedSettings {
  readonly applied: readonly string[];
  readonly restart: readonly string[];
}

/** Compares all settings but the projects. */
export function changedSettings(before: Settings, after: Settings): ChangedSettings {
  const changed = differences(withoutProjects(before), withoutProjects(after), '');
  return {
    applied: changed.filter((path) => isApplied(path)),
    restart: changed.filter((path) => !isApplied(path)),
  };
}

/** Takes over what a running server can; a section that is the same stays the same object. */
export function takeOver(into: SystemSettings, from: SystemSettings): void {
  for (const name of SYSTEM)
    if (!isDeepStrictEqual(into[name], from[name])) Object.assign(into, { [name]: from[name] });
  into.authentication = from.authentication;
  into.logging.level = from.logging.level;
  into.node.drain_seconds = from.node.drain_seconds;
}

function withoutProjects({ projects: _, $schema: __, ...rest }: Settings): object {
  return rest;
}

function isApplied(path: string): boolean {
  return [...APPLIED].some((applied) => path === applied || path.startsWith(`${applied}.`));
}

function differences(before: unknown, after: unknown, path: string): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isObject(before) || !isObject(after)) return [path];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => differences(before[name], after[name], path === '' ? name : `${path}.${name}`));
}
