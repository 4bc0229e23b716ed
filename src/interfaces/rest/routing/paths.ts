/** Paths that other paths begin with. */
export const PROJECTS = '/api/v1/projects';
export const PROJECT = `${PROJECTS}/{project}`;
export const STORE = `${PROJECT}/store`;
export const ITEM = `${STORE}/{key}`;
export const VALUES = `${PROJECT}/values`;
