// The messages of etcd's gRPC interface that are used here, with the numbers that its .proto files have published. As
// an object, because a .proto file would have to be found beside the compiled program.

type Fields = Record<string, { type: string; id: number; rule?: 'repeated' }>;

const one = (type: string, id: number) => ({ type, id });
const many = (type: string, id: number) => ({ type, id, rule: 'repeated' as const });
const message = (fields: Fields, oneofs: Readonly<Record<string, { oneof: string[] }>> = {}) => ({ fields, oneofs });
const call = (name: string, requestType: string, responseType: string) => ({
  methods: { [name]: { requestType, responseType } },
});

const KEY = one('bytes', 1);
const RANGE_END = one('bytes', 2);
const HEADER = one('ResponseHeader', 1);

const nested = {
  ResponseHeader: message({ revision: one('int64', 3) }),
  KeyValue: message({ key: KEY, modRevision: one('int64', 3), value: one('bytes', 5) }),
  RangeRequest: message({
    ...{ key: KEY, rangeEnd: RANGE_END, limit: one('int64', 3), revision: one('int64', 4) },
    ...{ sortOrder: one('int32', 5), keysOnly: one('bool', 8), countOnly: one('bool', 9) },
  }),
  RangeResponse: message({ kvs: many('KeyValue', 2), more: one('bool', 3) }),
  PutRequest: message({ key: KEY, value: one('bytes', 2) }),
  DeleteRangeRequest: message({ key: KEY, rangeEnd: RANGE_END }),
  RequestOp: message(
    { range: one('RangeRequest', 1), put: one('PutRequest', 2), remove: one('DeleteRangeRequest', 3) },
    { request: { oneof: ['range', 'put', 'remove'] } },
  ),
  ResponseOp: message({ range: one('RangeResponse', 1) }),
  Compare: message({
    ...{ result: one('int32', 1), target: one('int32', 2), key: one('bytes', 3), modRevision: one('int64', 6) },
    rangeEnd: one('bytes', 64),
  }),
  TxnRequest: message({
    ...{ compare: many('Compare', 1), success: many('RequestOp', 2), failure: many('RequestOp', 3) },
  }),
  TxnResponse: message({ header: HEADER, succeeded: one('bool', 2), responses: many('ResponseOp', 3) }),
  AuthenticateRequest: message({ name: one('string', 1), password: one('string', 2) }),
  AuthenticateResponse: message({ token: one('string', 2) }),
  StatusRequest: message({}),
  StatusResponse: message({ version: one('string', 2), dbSize: one('int64', 3), errors: many('string', 8) }),
  MemberListRequest: message({}),
  Member: message({ id: one('uint64', 1), isLearner: one('bool', 5) }),
  MemberListResponse: message({ members: many('Member', 2) }),
  WatchCreateRequest: message({ key: KEY, rangeEnd: RANGE_END, startRevision: one('int64', 3) }),
  WatchRequest: message({ createRequest: one('WatchCreateRequest', 1) }, { request: { oneof: ['createRequest'] } }),
  Event: message({ kv: one('KeyValue', 2) }),
  WatchResponse: message({
    ...{ header: HEADER, canceled: one('bool', 4), compactRevision: one('int64', 5), cancelReason: one('string', 6) },
    events: many('Event', 11),
  }),
  KV: call('Txn', 'TxnRequest', 'TxnResponse'),
  Watch: call('Watch', 'WatchRequest', 'WatchResponse'),
  Auth: call('Authenticate', 'AuthenticateRequest', 'AuthenticateResponse'),
  Maintenance: call('Status', 'StatusRequest', 'StatusResponse'),
  Cluster: call('MemberList', 'MemberListRequest', 'MemberListResponse'),
};

/** For `fromJSON` of `@grpc/proto-loader`. */
export const DESCRIPTOR = { nested: { etcdserverpb: { nested } } };

/** How messages look here. */
export const SHAPE = { longs: Number, defaults: true, arrays: true, objects: false };

export interface KeyValue {
  readonly key: Buffer;
  /** The revision of its last change. */
  readonly modRevision: number;
  readonly value: Buffer;
}

export interface RangeRequest {
  readonly key: Buffer;
  readonly rangeEnd?: Buffer;
  readonly limit?: number;
  readonly revision?: number;
  readonly sortOrder?: number;
  readonly keysOnly?: boolean;
  readonly countOnly?: boolean;
}

/** `sortOrder` of a range from the last key to the first. */
export const DESCENDING = 2;

export interface RangeResponse {
  readonly kvs: readonly KeyValue[];
  readonly more: boolean;
}

export type RequestOp =
  | { readonly range: RangeRequest }
  | { readonly put: { readonly key: Buffer; readonly value: Buffer } }
  | { readonly remove: { readonly key: Buffer; readonly rangeEnd?: Buffer } };

export interface Compare {
  readonly result: number;
  readonly target: number;
  readonly key: Buffer;
  readonly rangeEnd?: Buffer;
  readonly modRevision: number;
}

/** Holds if no key between the two was changed after that revision. */
export function unchangedSince([key, rangeEnd]: readonly [Buffer, Buffer], revision: number): Compare {
  return { result: 2, target: 2, key, rangeEnd, modRevision: revision + 1 };
}

/** Holds if the key was last changed at that revision; 0 if it does not exist. */
export function unchanged(key: Buffer, modRevision: number): Compare {
  return { result: 0, target: 2, key, modRevision };
}

/** Holds if the key exists. */
export function exists(key: Buffer): Compare {
  return { result: 1, target: 2, key, modRevision: 0 };
}

export interface TxnRequest {
  readonly compare: readonly Compare[];
  readonly success: readonly RequestOp[];
  readonly failure?: readonly RequestOp[];
}

export interface TxnResponse {
  readonly header: { readonly revision: number };
  readonly succeeded: boolean;
  readonly responses: readonly { readonly range: RangeResponse | null }[];
}

/** What is watched: the keys between two, from a revision on. */
export interface WatchCreateRequest {
  readonly key: Buffer;
  readonly rangeEnd: Buffer;
  readonly startRevision: number;
}

export interface WatchResponse {
  readonly canceled: boolean;
  /** If the revision to begin with was compacted: the first one that is there. */
  readonly compactRevision: number;
  readonly cancelReason: string;
  /** All of a revision are in one response. What was removed has an empty value. */
  readonly events: readonly { readonly kv: KeyValue }[];
}

export interface StatusResponse {
  readonly version: string;
  readonly dbSize: number;
  readonly errors: readonly string[];
}

export interface MemberListResponse {
  readonly members: readonly { readonly isLearner: boolean }[];
}
