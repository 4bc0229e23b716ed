import type { Node, NodeAbout, Nodes } from '../../application/ports/registry/nodes.js';

/** A server that shares nothing. */
export class SingleNode implements Nodes {
  constructor(private readonly own: NodeAbout) {}

  async list(): Promise<readonly Node[]> {
    const { id, version, address, state } = this.own;
    return [{ id, version, address, state, isSelf: true, isCurrent: true, leases: [], silentFor: 0 }];
  }
}
