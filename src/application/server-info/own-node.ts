import type { NodeAbout, NodeState } from '../ports/registry/nodes.js';

/** This server, as it says of itself now. */
export class OwnNode implements NodeAbout {
  address = '';
  state: NodeState = 'starting';

  constructor(
    readonly id: string | undefined,
    readonly version: string,
  ) {}
}
