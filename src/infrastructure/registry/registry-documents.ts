import { randomUUID } from 'node:crypto';
import { AppError } from '../../domain/errors.js';
import { valueAt } from '../config/config-file.js';
import { isRemoteEngine } from '../storage/engines/registry.js';
import type { SharedPlacement } from '../storage/placement/data-folder-context.js';
import { generationOf } from '../storage/placement/generations.js';
import type { GenerationSpec, Placement } from '../storage/placement/placement.js';
import type { NotedSnapshots } from '../storage/snapshots/snapshot-notes.js';
import { isObject } from '../validation/check-settings.js';

/** The layout of the documents. Those of a higher one were made by a later PortKV, and are not used. */
export const FORMAT = 1;

/** The members of `system` that are the registry's. All others are those of each node's own file. */
export const SHARED = ['authentication', 'security', 'limits', 'cors', 'rate_limits'] as const;

/**
 * The names of the documents: what the registry is, the shared members of `system`, one for each project and lease, and
 * one with the snapshots of each project.
 */
export const INSTALLATION = 'installation';
export const SYSTEM = 'system';
const PROJECT = 'projects/';
const LEASE = 'leases/';
const SNAPSHOTS = 'snapshots/';

/** What the document `installation` says. */
export interface RegistryInstallation {
  readonly format: number;
  /** Makes the names of stores on servers unlike those of other installations. */
  readonly id: string;
}

/** The document of a project: its member of `projects` in a configuration, and where its data is. */
export interface ProjectDocument {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly placement: SharedPlacement;
}

/** Which server may do something that only one may do at a time. */
export interface LeaseDocument {
  /** The id of its process, as in its reports. */
  readonly holder: string;
  /** Its own id, for people. */
  readonly node: string;
  /** Higher than those of all leases before. */
  readonly token: number;
}

type Texts = ReadonlyMap<string, string>;

/** Undefined if there is no document yet. Rejects with `unavailable` if it cannot be used. */
export function installationIn(documents: Texts): RegistryInstallation | undefined {
  if (documents.size === 0) return undefined;
  const found = documentIn(documents, INSTALLATION) as RegistryInstallation | undefined;
  if (found === undefined) throw unusable('The registry has documents, but none that says whose they are: restore it');
  if (found.format === FORMAT) return found;
  throw unusable(`The registry was made by a later version of PortKV (format ${found.format}): use that one`);
}

/** The whole configuration: the file of this node, with what the registry has. */
export function mergedConfig(own: Readonly<Record<string, unknown>>, documents: Texts): Record<string, unknown> {
  const system = isObject(own.system) ? own.system : {};
  const shared = documentIn(documents, SYSTEM) as object;
  const rest = Object.entries(system).filter(([name]) => !isShared(name));
  const projects = projectsIn(documents).map(({ settings }) => settings);
  return { ...own, system: { ...Object.fromEntries(rest), ...shared }, projects };
}

/** The documents that differ for a configuration that was changed; undefined for one that is removed. */
export async function changedDocuments(
  documents: Texts,
  config: unknown,
  placementOf: (project: string) => Promise<SharedPlacement>,
): Promise<ReadonlyMap<string, string | undefined>> {
  const next = new Map<string, string>();
  const shared = SHARED.map((name) => [name, valueAt(config, ['system', name])] as const);
  next.set(SYSTEM, JSON.stringify(Object.fromEntries(shared)));
  for (const settings of valueAt(config, ['projects']) as readonly Record<string, unknown>[]) {
    const id = String(settings.id);
    const known = placementIn(documents, id);
    // Snapshots that an earlier project of that id has left are none of this one. Those of an import are kept.
    if (known === undefined && documents.has(INSTALLATION)) next.set(SNAPSHOTS + id, JSON.stringify(noSnapshots()));
    const placement = known ?? (await placementOf(id));
    next.set(PROJECT + id, JSON.stringify({ settings, placement } satisfies ProjectDocument));
  }
  const changes = new Map<string, string | undefined>();
  for (const [name, text] of next) if (documents.get(name) !== text) changes.set(name, text);
  for (const name of documents.keys()) {
    if (!name.startsWith(PROJECT) || next.has(name)) continue;
    changes.set(name, undefined);
    const project = name.slice(PROJECT.length);
    // Servers that have some remove them first.
    if (snapshotsIn(documents, project)?.records.length === 0) changes.set(SNAPSHOTS + project, undefined);
  }
  return changes;
}

/** Where the data of a project is; undefined if the registry does not have the project. */
export function placementIn(documents: Texts, project: string): SharedPlacement | undefined {
  return (documentIn(documents, PROJECT + project) as ProjectDocument | undefined)?.placement;
}

/** The document of a project, which is there, with another placement. */
export function withPlacement(documents: Texts, project: string, placement: SharedPlacement): Map<string, string> {
  const { settings } = documentIn(documents, PROJECT + project) as ProjectDocument;
  return new Map([[PROJECT + project, JSON.stringify({ settings, placement } satisfies ProjectDocument)]]);
}

/** The snapshots of a project; undefined if nothing is noted of them. */
export function snapshotsIn(documents: Texts, project: string): NotedSnapshots | undefined {
  return documentIn(documents, SNAPSHOTS + project) as NotedSnapshots | undefined;
}

/** The projects of which a server may have snapshots; some of them may be deleted. */
export function projectsWithSnapshots(documents: Texts, node: string): readonly string[] {
  const name = JSON.stringify(node);
  const found = [...documents].filter(([it, text]) => it.startsWith(SNAPSHOTS) && text.includes(name));
  return found.map(([it]) => it.slice(SNAPSHOTS.length));
}

export function hasProject(documents: Texts, project: string): boolean {
  return documents.has(PROJECT + project);
}

/** What `plan` makes of the snapshots of a project. Nothing is noted of a project that is gone, once it has none. */
export function withSnapshots(
  documents: Texts,
  project: string,
  plan: (now: NotedSnapshots) => NotedSnapshots,
): ReadonlyMap<string, string | undefined> {
  const exists = hasProject(documents, project);
  const now = snapshotsIn(documents, project);
  if (now === undefined && !exists) return new Map();
  const next = plan(now ?? noSnapshots());
  const text = exists || next.records.length > 0 ? JSON.stringify(next) : undefined;
  const name = SNAPSHOTS + project;
  return text === documents.get(name) ? new Map() : new Map([[name, text]]);
}

function noSnapshots(): NotedSnapshots {
  return { of: randomUUID(), records: [] };
}

/** The names of all leases. */
export function leasesIn(documents: Texts): readonly string[] {
  const names = [...documents.keys()].filter((name) => name.startsWith(LEASE));
  return names.map((name) => name.slice(LEASE.length));
}

/** The name of the document of a lease. */
export function leaseName(lease: string): string {
  return LEASE + lease;
}

/** Undefined if no server has it. */
export function leaseIn(documents: Texts, lease: string): LeaseDocument | undefined {
  return documentIn(documents, leaseName(lease)) as LeaseDocument | undefined;
}

/** What several servers know of the placement of one of them, `node`, which alone has what is in its files. */
export function sharedPlacement(placement: Placement, node: string): SharedPlacement {
  const owned = <T extends GenerationSpec>(spec: T): T => (isRemoteEngine(spec.engine) ? spec : { ...spec, node });
  const { kept, migrations } = placement;
  return {
    ...owned(generationOf(placement)),
    ...(kept === undefined ? {} : { kept: kept.map((one) => owned({ ...one, current: false })) }),
    ...(migrations === undefined ? {} : { migrations }),
  };
}

/** The projects, in the order of their ids. */
export function projectsIn(documents: Texts): readonly ProjectDocument[] {
  const names = [...documents.keys()].filter((name) => name.startsWith(PROJECT)).sort();
  return names.map((name) => documentIn(documents, name) as ProjectDocument);
}

/** Whether a path of a configuration is in the registry. */
export function isSharedPath([first, second]: readonly (string | number)[]): boolean {
  return first === 'projects' || (first === 'system' && isShared(String(second)));
}

function isShared(name: string): boolean {
  return (SHARED as readonly string[]).includes(name);
}

function documentIn(documents: Texts, name: string): unknown {
  const text = documents.get(name);
  return text === undefined ? undefined : JSON.parse(text);
}

/** What is wrong with a registry: to try again does not help. */
export function unusable(message: string): AppError {
  return new AppError('unavailable', message, { isPermanent: true });
}
