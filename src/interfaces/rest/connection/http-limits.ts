/** How long a client may take and how much of the server it may hold before it is cut off or refused. Times in ms. */
export interface HttpLimits {
  readonly headersTimeout: number;
  /** For a whole body, unless it comes fast enough: see `watchPace`. */
  readonly bodyTimeout: number;
  readonly keepAliveTimeout: number;
  /** How often it is looked who is late. */
  readonly checkInterval: number;
  /** Connections beyond it get 503. */
  readonly maxConnections: number;
  /** Requests that wait for stores at a time; those beyond it get 503. */
  readonly maxWaiting: number;
}
export const HttpLimits = Symbol('HttpLimits');

export const httpLimits: HttpLimits = {
  headersTimeout: 10_000,
  bodyTimeout: 30_000,
  keepAliveTimeout: 65_000,
  checkInterval: 1_000,
  maxConnections: 2_000,
  maxWaiting: 1_500,
};
