import { inject, injectable } from 'tsyringe';
import { Keyspaces } from '../keyspace/keyspaces.js';

/** Finds the projects that cannot be served; needs no key. */
@injectable()
export class CheckReadiness {
  constructor(@inject(Keyspaces) private readonly keyspaces: Keyspaces) {}

  /** The reason for each project; empty if the server is ready. */
  execute(): ReadonlyMap<string, string> {
    return this.keyspaces.failures();
  }
}
