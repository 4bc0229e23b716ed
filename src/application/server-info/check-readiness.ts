import { inject, injectable } from 'tsyringe';
import { Keyspaces } from '../keyspace/keyspaces.js';

/** Finds the projects that cannot be served, for anyone who asks. */
@injectable()
export class CheckReadiness {
  constructor(@inject(Keyspaces) private readonly keyspaces: Keyspaces) {}

  /** Each with the reason; none if the server is ready. */
  execute(): ReadonlyMap<string, string> {
    return this.keyspaces.failures();
  }
}
