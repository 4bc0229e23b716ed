import type { Node, Nodes } from '../../application/ports/registry/nodes.js';
import type { RegistryLeases } from './registry-leases.js';
import type { RegistryNode } from './registry-node.js';

/** The servers that share a registry, with their leases. */
export class RegistryNodes implements Nodes {
  constructor(
    private readonly node: RegistryNode,
    private readonly leases: RegistryLeases,
  ) {}

  async list(): Promise<readonly Node[]> {
    const nodes = await this.node.list();
    return nodes.map(({ run, ...node }) => ({ ...node, leases: this.leases.heldBy(run) }));
  }
}
