import { randomUUID } from 'node:crypto';
import { type Connections, connectionsFor } from '../../storage/engines/etcd/client/clients.js';
import { isFull, readError } from '../../storage/engines/etcd/client/etcd-error.js';
import type { EtcdOptions } from '../../storage/engines/etcd/client/etcd-options.js';
import {
  type KeyValue,
  type RequestOp,
  type TxnRequest,
  type TxnResponse,
  unchanged,
} from '../../storage/engines/etcd/client/messages.js';
import type { Documents, DocumentsRead, Heartbeat, NodeReport } from '../documents.js';

/** How long a call may take, in seconds. */
const TIMEOUT = 5;
/** The same for a report, of which the next one is soon due. */
const REPORT_TIMEOUT = 1;

/**
 * Keys of etcd: `m` has the id of the last commit, and its revision is that of all; `d/NAME` is a document, `n/ID` a
 * node.
 */
export class EtcdDocuments implements Documents {
  readonly #connections: Connections;
  readonly #prefix: string;

  private constructor(connections: Connections, prefix: string) {
    this.#connections = connections;
    this.#prefix = `${prefix}registry/`;
  }

  static async open(options: EtcdOptions): Promise<EtcdDocuments> {
    return new EtcdDocuments(await connectionsFor(options), options.prefix);
  }

  async read(): Promise<DocumentsRead> {
    const request = { compare: [], success: [this.#lastCommit(), this.#all('d/')] };
    const [last, rows] = rowsOf(await this.#call(request, TIMEOUT));
    const nameAt = this.#key('d/').length;
    const documents = (rows ?? []).map(({ key, value }) => [key.toString('utf8', nameAt), value.toString()] as const);
    return { revision: last?.[0]?.modRevision ?? 0, documents: new Map(documents) };
  }

  async commit(expected: number, changes: ReadonlyMap<string, string | undefined>): Promise<number | undefined> {
    const id = randomUUID();
    const operations = [...changes].map(([name, text]): RequestOp => {
      const key = this.#key(`d/${name}`);
      return text === undefined ? { remove: { key } } : { put: { key, value: Buffer.from(text) } };
    });
    const request = {
      compare: [unchanged(this.#key('m'), expected)],
      success: [{ put: { key: this.#key('m'), value: Buffer.from(id) } }, ...operations],
      failure: [this.#lastCommit()],
    };
    const response = await this.#call(request, TIMEOUT);
    if (response.succeeded) return response.header.revision;
    // The first of two attempts may have made it.
    const last = rowsOf(response)[0]?.[0];
    return last?.value.toString() === id ? last.modRevision : undefined;
  }

  async report({ id, ...report }: NodeReport): Promise<Heartbeat> {
    const value = Buffer.from(JSON.stringify(report));
    const put = { put: { key: this.#key(`n/${id}`), value } };
    try {
      return (await this.#reports(id, [put])).heartbeat;
    } catch (error) {
      if (!isFull((error as Error).cause)) throw error;
      const { isKnown, heartbeat } = await this.#reports(id, []);
      // Other nodes wait for those of which they find a report.
      if (!isKnown) throw error;
      return { ...heartbeat, isFull: true };
    }
  }

  async #reports(id: string, first: readonly RequestOp[]) {
    const request = { compare: [], success: [...first, this.#lastCommit(), this.#all('n/')] };
    const [last, nodes] = rowsOf(await this.#call(request, REPORT_TIMEOUT)).slice(first.length);
    const reports = (nodes ?? []).map((row) => this.#reportIn(row));
    const others = reports.filter((node) => node.id !== id);
    const heartbeat: Heartbeat = { revision: last?.[0]?.modRevision ?? 0, others };
    return { isKnown: others.length < reports.length, heartbeat };
  }

  async forget(node: NodeReport): Promise<void> {
    const key = this.#key(`n/${node.id}`);
    const read = await this.#call({ compare: [], success: [{ range: { key } }] }, TIMEOUT);
    const row = rowsOf(read)[0]?.[0];
    if (row === undefined || this.#reportIn(row).count !== node.count) return;
    await this.#call({ compare: [unchanged(key, row.modRevision)], success: [{ remove: { key } }] }, TIMEOUT);
  }

  close(): Promise<void> {
    return this.#connections.release();
  }

  async #call(request: TxnRequest, timeout: number): Promise<TxnResponse> {
    try {
      return await this.#connections.client.txn(request, { timeout, repeatable: true });
    } catch (error) {
      throw readError(error, 'the registry on etcd');
    }
  }

  #lastCommit(): RequestOp {
    return { range: { key: this.#key('m') } };
  }

  #all(prefix: string): RequestOp {
    // '0' follows '/'.
    return { range: { key: this.#key(prefix), rangeEnd: this.#key(`${prefix.slice(0, -1)}0`) } };
  }

  #reportIn({ key, value }: KeyValue): NodeReport {
    return { id: key.toString('utf8', this.#key('n/').length), ...JSON.parse(value.toString()) };
  }

  #key(name: string): Buffer {
    return Buffer.from(this.#prefix + name);
  }
}

/** The rows of each operation that was done. */
function rowsOf({ responses }: TxnResponse): readonly (readonly KeyValue[] | undefined)[] {
  return responses.map(({ range }) => range?.kvs);
}
