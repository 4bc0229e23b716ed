/** The part of `ioredis` that is used here. */
declare module 'ioredis' {
  /** The result of each command: an error, or what it returned. */
  type Results = readonly (readonly [error: Error | null, result: unknown])[];

  interface Pipeline {
    evalsha(sha: string, keys: number, ...values: (string | number | Buffer)[]): Pipeline;
    eval(lua: string, keys: number, ...values: (string | number | Buffer)[]): Pipeline;
    set(key: string, value: string): Pipeline;
    wait(replicas: number, ms: number): Pipeline;
    exec(): Promise<Results>;
  }

  class Client {
    readonly status: string;
    on(event: 'error', listener: (error: Error) => void): this;
    once(event: 'ready', listener: () => void): this;
    off(event: 'ready', listener: () => void): this;
    disconnect(): void;
    pipeline(): Pipeline;
    mgetBuffer(...keys: string[]): Promise<(Buffer | null)[]>;
    hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
    exists(key: string): Promise<number>;
    setnx(key: string, value: string): Promise<number>;
    set(key: string, value: string): Promise<unknown>;
    get(key: string): Promise<string | null>;
    hset(key: string, ...values: (string | number)[]): Promise<number>;
    srem(key: string, member: string): Promise<number>;
    expire(key: string, seconds: number): Promise<number>;
    unlink(...keys: (string | Buffer)[]): Promise<number>;
    zrangeBuffer(key: string, from: number, to: number): Promise<Buffer[]>;
    zremrangebyrank(key: string, from: number, to: number): Promise<number>;
    zrangebyscoreBuffer(key: string, ...rest: (string | number)[]): Promise<Buffer[]>;
    xreadBuffer(
      ...values: (string | number)[]
    ): Promise<[stream: Buffer, entries: [id: Buffer, fields: Buffer[]][]][] | null>;
    xrangeBuffer(key: string, from: string, to: string): Promise<[id: Buffer, fields: Buffer[]][]>;
    xrevrangeBuffer(key: string, ...rest: (string | number)[]): Promise<[id: Buffer, fields: Buffer[]][]>;
    info(section: string): Promise<string>;
    config(operation: 'GET', ...names: string[]): Promise<string[]>;
    portkvCommit(
      store: string,
      ...values: (string | number | Buffer)[]
    ): Promise<number | (number | Error | [limit: 'keys' | 'bytes', wouldBe: number])[]>;
    portkvBeginView(store: string, id: string, seconds: number): Promise<1 | null>;
    portkvReadViewBuffer(
      store: string,
      ...values: (string | number | Buffer)[]
    ): Promise<[last: Buffer, same: Buffer[], hasMore: 0 | 1, changed: Buffer[]] | null>;
    portkvScanBuffer(store: string, ...values: (string | number | Buffer)[]): Promise<(Buffer | number)[] | null>;
  }

  export class Redis extends Client {
    constructor(url: string, options: object);
    constructor(options: object);
  }

  export class Cluster extends Client {
    constructor(nodes: readonly { host: string; port: number }[], options: object);
  }
}
