import type { KeyedMutex } from './keyed-mutex.js';

/** By project id: of two that create or delete the same project at once, one comes after the other. */
export type ProjectMutex = KeyedMutex;
export const ProjectMutex = Symbol('ProjectTurns');
