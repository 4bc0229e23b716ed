import { inject, injectable } from 'tsyringe';
import { CheckReadiness } from '../../../application/server-info/check-readiness.js';
import { ReadMetrics } from '../../../application/server-info/read-metrics.js';
import { accepts } from '../response/accept.js';
import type { Reply } from '../response/reply.js';
import { RestSettings } from '../rest-settings.js';
import type { ApiRequest } from '../routing/route.js';

const PLAIN = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };
const JSON_TYPE = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };

/** Liveness, readiness, status and metrics of the server. */
@injectable()
export class HealthHandlers {
  constructor(
    @inject(CheckReadiness) private readonly checkReadiness: CheckReadiness,
    @inject(ReadMetrics) private readonly readMetrics: ReadMetrics,
    @inject(RestSettings) private readonly settings: RestSettings,
  ) {}

  readonly status = (): Reply => ({ status: 200, message: 'PortKV server is fully operational.' });

  readonly live = (): Reply => ({ status: 200, headers: PLAIN, body: 'ok\n' });

  /** Relative, because a proxy may have taken a path prefix away. */
  readonly root = ({ headers }: ApiRequest): Reply => {
    const toConsole = this.settings.consoleEnabled && accepts(headers.accept, 'text/html');
    return { status: 302, headers: { Location: toConsole ? 'console/' : 'docs', Vary: 'Accept' } };
  };

  readonly metrics = async ({ caller }: ApiRequest): Promise<Reply> => {
    const { text, contentType } = await this.readMetrics.execute(caller);
    return { status: 200, headers: { 'Content-Type': contentType, 'Cache-Control': 'no-store' }, body: text };
  };

  readonly ready = (): Reply => {
    const failures = this.checkReadiness.execute();
    const unclaimed = this.checkReadiness.unclaimed();
    const warnings = this.checkReadiness.warnings();
    const { isDraining } = this.checkReadiness;
    const status = isDraining ? 'draining' : failures.size === 0 ? 'ready' : 'unavailable';
    const body = {
      status,
      unavailable: Object.fromEntries(failures),
      ...(unclaimed.length === 0 ? {} : { unclaimed }),
      ...(warnings.size === 0 ? {} : { warnings: Object.fromEntries(warnings) }),
    };
    return { status: status === 'ready' ? 200 : 503, headers: JSON_TYPE, body: `${JSON.stringify(body)}\n` };
  };
}
