import { inject, injectable } from 'tsyringe';
import { Keyspaces } from '../../../application/keyspace/keyspaces.js';
import { Metrics } from '../../../application/ports/metrics.js';
import type { Reply } from '../routing/route.js';

/** Liveness, readiness, state and metrics of the server. */
@injectable()
export class HealthHandlers {
  constructor(
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(Metrics) private readonly registry: Metrics,
  ) {}

  readonly status = (): Reply => ({ status: 200, message: 'PortKV server is fully operational.' });

  readonly live = (): Reply => ({ status: 200, headers: PLAIN, body: 'ok\n' });

  readonly metrics = async (): Promise<Reply> => {
    const headers = { 'Content-Type': this.registry.contentType, 'Cache-Control': 'no-store' };
    return { status: 200, headers, body: await this.registry.text() };
  };

  readonly ready = (): Reply => {
    const failures = this.keyspaces.failures();
    if (failures.size === 0) return { status: 200, headers: JSON_TYPE, body: '{"status":"ready","unavailable":{}}\n' };
    const unavailable = Object.fromEntries(failures);
    return { status: 503, headers: JSON_TYPE, body: `${JSON.stringify({ status: 'unavailable', unavailable })}\n` };
  };
}

const PLAIN = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };
const JSON_TYPE = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
