import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { rules } from '../access/access-rules.js';
import { requireAccess } from '../access/authorize.js';
import { type Node, Nodes } from '../ports/registry/nodes.js';

/** Shows the servers that share a registry. */
@injectable()
export class ListNodes {
  constructor(@inject(Nodes) private readonly nodes: Nodes) {}

  /** In the order of their ids. */
  async execute(caller: Identity): Promise<readonly Node[]> {
    requireAccess(caller, rules.system, undefined);
    const nodes = await this.nodes.list();
    return [...nodes].sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1));
  }
}
