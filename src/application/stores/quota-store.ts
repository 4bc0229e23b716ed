import { AppError, LimitExceededError } from '../../domain/errors.js';
import { requireWithin, type Totals } from '../../domain/totals.js';
import type { Awaitable } from '../awaitable.js';
import type { Quota } from '../ports/entry-rules.js';
import type { Batch, Store } from '../ports/store.js';
import { StoreWrapper } from './store-wrapper.js';

/**
 * Refuses commits that would make a store exceed its quota with `insufficient_storage`; commits that shrink it always
 * pass. The store below decides, in the commit, so that no writers can exceed it together.
 */
export class QuotaStore extends StoreWrapper {
  readonly #quota: () => Quota;

  /** `quota` is called at every commit. */
  constructor(inner: Store, quota: () => Quota) {
    super(inner);
    this.#quota = quota;
  }

  commit(batch: Batch): Awaitable<boolean> {
    const quota = this.#quota();
    return isLimited(quota) ? this.#commitWithin(quota, batch) : this.inner.commit(batch);
  }

  async #commitWithin(quota: Quota, batch: Batch): Promise<boolean> {
    try {
      return await this.inner.commit({ ...batch, limit: limitOf(quota) });
    } catch (error) {
      throw error instanceof LimitExceededError ? overQuota(quota, error) : error;
    }
  }
}

/** Whether the quota limits anything. */
export function isLimited({ maxKeys, maxTotalBytes }: Quota): boolean {
  return maxKeys !== Number.POSITIVE_INFINITY || maxTotalBytes !== Number.POSITIVE_INFINITY;
}

/** Throws `insufficient_storage` if the growth does not fit. */
export function requireRoom(quota: Quota, used: Totals, growth: Totals): void {
  try {
    requireWithin(limitOf(quota), used, growth);
  } catch (error) {
    throw error instanceof LimitExceededError ? overQuota(quota, error) : error;
  }
}

function limitOf({ maxKeys, maxTotalBytes }: Quota): Totals {
  return { keys: maxKeys, bytes: maxTotalBytes };
}

function overQuota({ maxKeys, maxTotalBytes, hidden = false }: Quota, cause: LimitExceededError): AppError {
  const { limit, wouldBe } = cause;
  const [name, max, unit] =
    limit === 'keys'
      ? ['max_keys', maxKeys, 'keys']
      : ['max_total_bytes', maxTotalBytes, 'bytes of keys, values and metadata'];
  const details = { limit: name, limit_value: max };
  const message = `The project may hold at most ${max} ${unit}`;
  if (hidden) return new AppError('insufficient_storage', message, { details });
  return new AppError('insufficient_storage', `${message}, this would make ${wouldBe}`, {
    details: { ...details, would_be: wouldBe },
  });
}
