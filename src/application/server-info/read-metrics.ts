import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { rules } from '../access/access-rules.js';
import { requireAccess, unauthenticated } from '../access/authorize.js';
import { AccessSettings } from '../ports/access-settings.js';
import { Metrics } from '../ports/metrics.js';

/** Shows what the server counts about itself. */
@injectable()
export class ReadMetrics {
  constructor(
    @inject(Metrics) private readonly metrics: Metrics,
    @inject(AccessSettings) private readonly settings: AccessSettings,
  ) {}

  /**
   * In the text format of Prometheus. `caller` is undefined if no key was required: allowed only if metrics are public.
   */
  async execute(caller: Identity | undefined): Promise<{ readonly text: string; readonly contentType: string }> {
    if (!this.settings.metricsPublic) {
      if (caller === undefined) throw unauthenticated();
      requireAccess(caller, rules.system, undefined);
    }
    return { text: await this.metrics.text(), contentType: this.metrics.contentType };
  }
}
