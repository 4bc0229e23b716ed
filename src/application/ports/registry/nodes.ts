/** What a server does: it is not ready before and after it serves. */
export type NodeState = 'starting' | 'serving' | 'draining';

/** What a server says of itself. */
export interface NodeAbout {
  /** Undefined if it has none: a single server without `system.node.id`. */
  readonly id: string | undefined;
  readonly version: string;
  /** Its first one; empty while it starts. */
  readonly address: string;
  readonly state: NodeState;
}

/** A server among those that serve the same projects. */
export interface Node extends Partial<NodeAbout> {
  /** Whether it is the one that was asked. */
  readonly isSelf: boolean;
  /** The revision of the registry whose keys and settings it serves; undefined without a registry. */
  readonly revision?: number;
  /** Whether that is the newest one. */
  readonly isCurrent: boolean;
  /** What it alone may do: the names of its leases. */
  readonly leases: readonly string[];
  /** For how many ms at least it has not reported. */
  readonly silentFor: number;
}

/** The servers that serve the same projects. */
export interface Nodes {
  /** All that have reported and not ended in good order, also this one. Rejects with `unavailable`. */
  list(): Promise<readonly Node[]>;
}
export const Nodes = Symbol('Nodes');
