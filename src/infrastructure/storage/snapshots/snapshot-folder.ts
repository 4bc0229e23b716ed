/** In the data folder. No file of a project can have this name, because ids have no dot. */
export const SNAPSHOT_FOLDER = 'snapshots.portkv';
