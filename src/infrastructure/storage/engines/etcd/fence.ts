import { otherFence } from '../../building-blocks/server/other-fence.js';
import type { Connections } from './client/clients.js';
import { type KeyValue, type RequestOp, unchanged } from './client/messages.js';

/** The key of the fence of a store, and how long a call may take. */
export interface Fence {
  readonly store: string;
  readonly key: Buffer;
  readonly timeout: number;
}

export async function fence({ client }: Connections, { store, key, timeout }: Fence, token: string): Promise<void> {
  const request = {
    compare: [unchanged(key, 0)],
    success: [{ put: { key, value: Buffer.from(token) } }],
    failure: [{ range: { key } }],
  };
  const { succeeded, responses } = await client.txn(request, { timeout, repeatable: true });
  // The first of two attempts may have made it.
  if (!succeeded && responses[0]?.range?.kvs[0]?.value.toString() !== token) throw otherFence(store);
}

export async function fencedBy(connections: Connections, fence: Fence): Promise<string | undefined> {
  return (await fenceIn(connections, fence))?.value.toString();
}

export async function unfence(connections: Connections, fence: Fence, token: string): Promise<void> {
  const { key, timeout } = fence;
  const found = await fenceIn(connections, fence);
  if (found?.value.toString() !== token) return;
  const request = { compare: [unchanged(key, found.modRevision)], success: [{ remove: { key } }] };
  await connections.client.txn(request, { timeout, repeatable: true });
}

async function fenceIn({ client }: Connections, { key, timeout }: Fence): Promise<KeyValue | undefined> {
  const success: RequestOp[] = [{ range: { key } }];
  const { responses } = await client.txn({ compare: [], success }, { timeout, repeatable: true });
  return responses[0]?.range?.kvs[0];
}
