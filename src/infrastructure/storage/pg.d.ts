/** The part of `pg` that is used here: its own types would bring all of it. */
declare module 'pg' {
  interface QueryResult {
    readonly rows: readonly Record<string, unknown>[];
  }

  export interface Query {
    readonly text: string;
    readonly values?: readonly unknown[];
    /** Prepared once per connection under this name. */
    readonly name?: string;
  }

  interface PoolClient {
    query(query: Query | string): Promise<QueryResult>;
    on(event: 'error', listener: (error: Error) => void): this;
    /** Back to the pool, or closed if it is broken. */
    release(isBroken: boolean): void;
  }

  export class Pool {
    constructor(config: object);
    connect(): Promise<PoolClient>;
    on(event: 'error', listener: (error: Error) => void): this;
    on(event: 'connect', listener: (client: PoolClient) => void): this;
    end(): Promise<void>;
  }

  const pg: { readonly Pool: typeof Pool };
  export default pg;
}
