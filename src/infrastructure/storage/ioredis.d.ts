/** The part of `ioredis` that is used here. */
declare module 'ioredis' {
  export class Redis {
    constructor(url: string, options: object);
    readonly status: string;
    on(event: 'error', listener: (error: Error) => void): this;
    once(event: 'ready', listener: () => void): this;
    off(event: 'ready', listener: () => void): this;
    duplicate(): Redis;
    disconnect(): void;
    mgetBuffer(...keys: string[]): Promise<(Buffer | null)[]>;
    hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
    exists(key: string): Promise<number>;
    setnx(key: string, value: string): Promise<number>;
    set(key: string, value: string): Promise<unknown>;
    get(key: string): Promise<string | null>;
    hset(key: string, ...values: (string | number)[]): Promise<number>;
    unlink(...keys: (string | Buffer)[]): Promise<number>;
    zrangeBuffer(key: string, from: number, to: number): Promise<Buffer[]>;
    zremrangebyrank(key: string, from: number, to: number): Promise<number>;
    zrangebyscoreBuffer(key: string, ...rest: (string | number)[]): Promise<Buffer[]>;
    xreadBuffer(
      ...values: (string | number)[]
    ): Promise<[stream: Buffer, entries: [id: Buffer, fields: Buffer[]][]][] | null>;
    info(section: string): Promise<string>;
    config(operation: 'GET', ...names: string[]): Promise<string[]>;
    portkvCommit(
      store: string,
      ...values: (string | number | Buffer)[]
    ): Promise<number | [limit: 'keys' | 'bytes', wouldBe: number]>;
    portkvScanBuffer(store: string, ...values: (string | number | Buffer)[]): Promise<(Buffer | number)[] | null>;
  }
}
