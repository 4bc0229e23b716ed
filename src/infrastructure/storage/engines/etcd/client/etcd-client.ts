import type { CallOptions, Client, Metadata } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { AppError } from '../../../../../domain/errors.js';
import { isOldToken, mayAnswerLater, neverSent } from './etcd-error.js';
import type { Endpoints } from './etcd-options.js';
import type {
  MemberListResponse,
  StatusResponse,
  TxnRequest,
  TxnResponse,
  WatchCreateRequest,
  WatchResponse,
} from './messages.js';

/** How long one of several members may take before another one is asked, in seconds. */
const MEMBER_TIMEOUT = 2;
/** The pause before a call is repeated, in ms: random, and at most this. */
const PAUSE = 100;
/** How many attempts to reach each member may fail before the call does. */
const ATTEMPTS = 2;

interface Method {
  readonly path: string;
  readonly requestSerialize: (request: object) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => object;
}

/** How a call may be made. */
export interface CallLimits {
  /** In seconds, with all repetitions. */
  readonly timeout: number;
  /** Whether to do it twice is the same as once. */
  readonly repeatable: boolean;
}

/** Calls to one member of a cluster, and to the next one if that does not answer. */
export class EtcdClient {
  readonly #members: readonly Client[];
  readonly #definition: PackageDefinition;
  readonly #newMetadata: () => Metadata;
  readonly #user: Endpoints['user'];
  #token: Promise<string> | undefined;
  #current = 0;

  constructor(
    members: readonly Client[],
    definition: PackageDefinition,
    newMetadata: () => Metadata,
    user: Endpoints['user'],
  ) {
    this.#members = members;
    this.#definition = definition;
    this.#newMetadata = newMetadata;
    this.#user = user;
  }

  txn(request: TxnRequest, limits: CallLimits): Promise<TxnResponse> {
    return this.#call('KV', 'Txn', request, limits) as Promise<TxnResponse>;
  }

  status(timeout: number): Promise<StatusResponse> {
    return this.#call('Maintenance', 'Status', {}, { timeout, repeatable: true }) as Promise<StatusResponse>;
  }

  members(timeout: number): Promise<MemberListResponse> {
    return this.#call('Cluster', 'MemberList', {}, { timeout, repeatable: true }) as Promise<MemberListResponse>;
  }

  /** What a member that has a leader reports, until the signal is aborted. Throws what ended it before. */
  async *watch(
    createRequest: WatchCreateRequest,
    timeout: number,
    signal: AbortSignal,
  ): AsyncGenerator<WatchResponse, void, undefined> {
    const member = this.#current;
    const metadata = await this.#metadata(this.#user !== undefined, performance.now() + timeout * 1000);
    metadata.set('hasleader', 'true');
    const { path, requestSerialize, responseDeserialize } = this.#method('Watch', 'Watch');
    const client = this.#members[member] as Client;
    const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
    const cancel = () => stream.cancel();
    signal.addEventListener('abort', cancel);
    try {
      stream.write({ createRequest });
      if (signal.aborted) cancel();
      for await (const response of stream) yield response as WatchResponse;
      throw new AppError('unavailable', 'etcd ended a watch');
    } catch (error) {
      if (signal.aborted) return;
      if (isOldToken(error)) this.#token = undefined;
      if (mayAnswerLater(error) && member === this.#current) this.#current = (member + 1) % this.#members.length;
      throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
      // What it reports after that is of no interest.
      stream.on('error', () => undefined);
      cancel();
    }
  }

  close(): void {
    for (const member of this.#members) member.close();
  }

  async #call(service: string, name: string, request: object, { timeout, repeatable }: CallLimits): Promise<object> {
    const until = performance.now() + timeout * 1000;
    let renewed = false;
    for (let unreached = 0; ; ) {
      const member = this.#current;
      try {
        return await this.#once(service, name, request, until);
      } catch (error) {
        if (isOldToken(error) && this.#user !== undefined && !renewed) {
          this.#token = undefined;
          renewed = true;
          continue;
        }
        if (!mayAnswerLater(error)) throw error;
        if (member === this.#current) this.#current = (member + 1) % this.#members.length;
        if (!repeatable && !neverSent(error)) throw error;
        unreached = neverSent(error) ? unreached + 1 : 0;
        if (unreached >= ATTEMPTS * this.#members.length || performance.now() >= until) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * PAUSE));
      }
    }
  }

  async #once(service: string, name: string, request: object, until: number): Promise<object> {
    const metadata = await this.#metadata(this.#user !== undefined && service !== 'Auth', until);
    const left = Math.max(1, until - performance.now());
    const longest = this.#members.length > 1 ? Math.min(left, MEMBER_TIMEOUT * 1000) : left;
    const options: CallOptions = { deadline: Date.now() + longest };
    const { path, requestSerialize, responseDeserialize } = this.#method(service, name);
    const client = this.#members[this.#current] as Client;
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        options,
        (error, answer) => (error === null ? resolve(answer as object) : reject(error)),
      );
    });
  }

  async #metadata(withToken: boolean, until: number): Promise<Metadata> {
    const metadata = this.#newMetadata();
    if (withToken) metadata.set('token', await this.#authenticated(until));
    return metadata;
  }

  #authenticated(until: number): Promise<string> {
    if (this.#token === undefined) {
      const answer = this.#once('Auth', 'Authenticate', { ...this.#user }, until);
      const token = answer.then((it) => (it as { readonly token: string }).token);
      token.catch(() => {
        if (this.#token === token) this.#token = undefined;
      });
      this.#token = token;
    }
    return this.#token;
  }

  #method(service: string, name: string): Method {
    const methods = this.#definition[`etcdserverpb.${service}`] as unknown as Readonly<Record<string, Method>>;
    return methods[name] as Method;
  }
}
