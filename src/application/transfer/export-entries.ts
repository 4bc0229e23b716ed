import { inject, injectable } from 'tsyringe';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { PointInTimeView, type ViewRange } from '../keyspace/point-in-time-view.js';
import { requireWhole } from '../keyspace/require-whole.js';
import { NewDigest } from '../ports/digest.js';
import { writeExport } from './write-export.js';

/** Writes the live entries of a project, as of one moment, as lines. */
@injectable()
export class ExportEntries {
  constructor(
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(NewDigest) private readonly newDigest: NewDigest,
  ) {}

  /** The moment is that of the first read. Where reading fails on the way it rejects, and the trailer is missing. */
  async execute(project: string, range: ViewRange): Promise<AsyncIterable<Buffer>> {
    const keyspace = await this.keyspaces.of(project);
    // While it can still be told: later an export can only break off.
    requireWhole(keyspace.swappable);
    const { newDigest } = this;
    return (async function* () {
      const view = await PointInTimeView.take(keyspace, range);
      yield* writeExport(view, { project, at: view.at, ...range }, newDigest);
    })();
  }
}
