import { inject, injectable } from 'tsyringe';
import { FileNames } from '../inbound/file-names.js';
import { Keyspaces } from '../keyspace/keyspaces.js';

/** Finds the projects that cannot be served; needs no key. */
@injectable()
export class CheckReadiness {
  constructor(
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(FileNames) private readonly files: FileNames,
  ) {}

  /** The reason for each project, without names of files; empty if the server is ready. */
  execute(): ReadonlyMap<string, string> {
    const failures = [...this.keyspaces.failures()];
    return new Map(failures.map(([project, reason]) => [project, this.files.textFor(reason, undefined)]));
  }
}
