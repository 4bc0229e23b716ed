import type { Turns } from '../turns.js';

/** By project id: of two that create or delete the same project at once, one comes after the other. */
export type ProjectTurns = Turns;
export const ProjectTurns = Symbol('ProjectTurns');
