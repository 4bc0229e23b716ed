import { AppError } from '../../../../../domain/errors.js';
import { readCertificates } from '../../../building-blocks/server/read-certificates.js';
import { SharedConnections } from '../../../building-blocks/server/shared-connections.js';
import { EtcdClient } from './etcd-client.js';
import { isTooLarge, isTooManyOperations, readError } from './etcd-error.js';
import { type EtcdOptions, endpointsOf } from './etcd-options.js';
import { DESCRIPTOR, SHAPE } from './messages.js';

/** What etcd takes beyond `--max-request-bytes` before it looks at a request. */
const OVERHEAD = 512 * 1024;
const DEFAULT_REQUEST_BYTES = 1_572_864;

const shared = new SharedConnections<EtcdClient>((client) => client.close());
/** Those whose cluster was found to take what the options say. */
const checked = new Set<string>();

/** A share of the connections to a cluster. */
export interface Connections {
  readonly client: EtcdClient;
  /** Rejects with `unavailable` if it cannot be reached, or takes less than the options say. */
  requireLimits(): Promise<void>;
  /** Closes the connections if no other project uses them. */
  release(): Promise<void>;
}

/** Rejects with `unavailable` if the URLs or the certificates cannot be read; does not connect yet. */
export async function connectionsFor(options: EtcdOptions): Promise<Connections> {
  const endpoints = await endpointsOf(options);
  const { tls_ca_file, max_txn_ops, max_request_bytes } = options;
  const id = JSON.stringify([endpoints, tls_ca_file, max_txn_ops, max_request_bytes]);
  const { connection: client, release } = await shared.acquire(id, () => openClient(endpoints, tls_ca_file));
  const requireOptions = async () => {
    if (checked.has(id)) return;
    await requireLimits(client, options);
    checked.add(id);
  };
  return { client, requireLimits: requireOptions, release };
}

async function openClient(
  { addresses, isEncrypted, user }: Awaited<ReturnType<typeof endpointsOf>>,
  caFile: string | undefined,
): Promise<EtcdClient> {
  const { Client, Metadata, credentials } = await import('@grpc/grpc-js');
  const { fromJSON } = await import('@grpc/proto-loader');
  const ca = caFile === undefined ? null : await readCertificates(caFile);
  const security = isEncrypted ? credentials.createSsl(ca) : credentials.createInsecure();
  const settings = {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    'grpc.enable_retries': 0,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1000,
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 3000,
    'grpc.primary_user_agent': 'portkv',
  };
  const members = addresses.map((address) => new Client(address, security, settings));
  return new EtcdClient(members, fromJSON(DESCRIPTOR as never, SHAPE), () => new Metadata(), user);
}

/** Asks with as many operations, and as many bytes, as the options say; nothing is changed or returned. */
async function requireLimits(client: EtcdClient, options: EtcdOptions): Promise<void> {
  const { timeout, max_txn_ops, max_request_bytes, prefix } = options;
  const ask = (count: number, key: Buffer) =>
    client.txn(
      { compare: [], success: Array.from({ length: count }, () => ({ range: { key, countOnly: true } })) },
      { timeout, repeatable: true },
    );
  try {
    await ask(max_txn_ops, Buffer.from(prefix));
    if (max_request_bytes > DEFAULT_REQUEST_BYTES) await ask(1, Buffer.alloc(max_request_bytes + OVERHEAD - 1024, 'x'));
  } catch (error) {
    if (isTooManyOperations(error)) throw tooFew('--max-txn-ops', 'max_txn_ops', max_txn_ops);
    if (isTooLarge(error)) throw tooFew('--max-request-bytes', 'max_request_bytes', max_request_bytes);
    throw readError(error, 'etcd');
  }
}

function tooFew(flag: string, option: string, value: number): AppError {
  const cure = `start its members with ${flag}=${value}, or lower ${option}`;
  const message = `etcd takes less than ${option} ${value} says: ${cure}`;
  return new AppError('unavailable', message, { isPermanent: true });
}
