import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../engines/engine.js';
import type { Location } from '../../engines/location.js';
import type { FolderListing } from './folder-listing.js';

/** What follows the project's id in the name of a file of a later generation that was not put or moved aside. */
const LATER_GENERATION = /^\.\d+(?!.*\.(?:aside|damaged)-\d)/;

/** The paths that belong to a location, whether they exist or not; none if the engine keeps no local files there. */
export async function localPaths(engine: Engine, location: Location, options: object): Promise<readonly string[]> {
  return (await engine.localFiles?.paths(location, options)) ?? [];
}

/** Those of the paths that exist, also a link to nowhere. */
export async function existingFiles(engine: Engine, location: Location, options: object): Promise<string[]> {
  const found: string[] = [];
  for (const path of await localPaths(engine, location, options)) if (await exists(path)) found.push(path);
  return found;
}

/**
 * What is in the folder for a later generation of the project than the first, see `dataName`, and was not moved aside.
 */
export async function laterFiles(listing: FolderListing, project: string): Promise<string[]> {
  const names = await listing.startingWith(`${project}.`);
  return names
    .filter((name) => name.startsWith(project) && LATER_GENERATION.test(name.slice(project.length)))
    .map((name) => join(listing.folder, name));
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
