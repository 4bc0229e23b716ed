import { inject, injectable } from 'tsyringe';
import type { Node } from '../../../application/ports/registry/nodes.js';
import { ListNodes } from '../../../application/server-info/list-nodes.js';
import type { Reply } from '../response/reply.js';
import type { ApiRequest } from '../routing/route.js';

/** The servers that serve the same projects. */
@injectable()
export class NodeHandlers {
  constructor(@inject(ListNodes) private readonly listNodes: ListNodes) {}

  readonly list = async ({ caller }: ApiRequest): Promise<Reply> => ({
    status: 200,
    data: JSON.stringify((await this.listNodes.execute(caller)).map(nodeJson)),
    message: 'Servers fetched successfully',
  });
}

function nodeJson({ id, version, address, state, isSelf, revision, isCurrent, leases, silentFor }: Node): object {
  return {
    id: id ?? null,
    version: version ?? null,
    address: address || null,
    state: state ?? null,
    self: isSelf,
    revision: revision ?? null,
    current: isCurrent,
    leases,
    silent_for: Math.round(silentFor) / 1000,
  };
}
