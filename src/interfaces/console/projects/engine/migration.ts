import type { components } from '#openapi';

export type Migration = components['schemas']['Migration'];
export type Project = components['schemas']['Project'];
