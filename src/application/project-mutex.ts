import type { KeyedMutex } from './keyed-mutex.js';

/** By `foldedId` of the project: calls that create or delete the same project run one after another. */
export type ProjectMutex = KeyedMutex;
export const ProjectMutex = Symbol('ProjectMutex');
