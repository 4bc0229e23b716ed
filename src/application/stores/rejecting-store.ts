import type { AppError } from '../../domain/errors.js';
import type { Store } from '../ports/store.js';

/** In place of a store that will not be asked again: refuses everything, and closes that store. */
export class RejectingStore implements Store {
  constructor(
    private readonly reason: AppError,
    private readonly before: Store,
  ) {}

  get = this.#refuse;
  getMany = this.#refuse;
  scan = this.#refuse;
  expiring = this.#refuse;
  size = this.#refuse;
  commit = this.#refuse;

  close() {
    return this.before.close();
  }

  #refuse(): never {
    throw this.reason;
  }
}
