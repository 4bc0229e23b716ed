import type { Documents, DocumentsRead } from './documents.js';
import { installationIn } from './registry-documents.js';
import { within } from './registry-node.js';

/** The longest that a read or a commit may take, in ms. */
const TIMEOUT = 10_000;

/** The documents of a registry, and those of them that this server serves by now. */
export class ServedDocuments {
  readonly #documents: Documents;
  #served: DocumentsRead = { revision: 0, documents: new Map() };

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  get served(): DocumentsRead {
    return this.#served;
  }

  /** The id of the installation that is served; undefined if nothing is. */
  get installation(): string | undefined {
    return installationIn(this.#served.documents)?.id;
  }

  serve(found: DocumentsRead): void {
    this.#served = found;
  }

  /** The newest ones. */
  read(): Promise<DocumentsRead> {
    return within(TIMEOUT, this.#documents.read());
  }

  /**
   * Changes what was read, and serves that from now on if what was read is served. Returns the new revision; undefined
   * if there was another commit meanwhile.
   */
  async commit(found: DocumentsRead, changes: ReadonlyMap<string, string | undefined>): Promise<number | undefined> {
    const revision = await within(TIMEOUT, this.#documents.commit(found.revision, changes));
    if (revision !== undefined && found.revision === this.#served.revision) {
      this.#served = withChanges(found, changes, revision);
    }
    return revision;
  }
}

function withChanges(
  { documents }: DocumentsRead,
  changes: ReadonlyMap<string, string | undefined>,
  revision: number,
): DocumentsRead {
  const next = new Map(documents);
  for (const [name, text] of changes) {
    if (text === undefined) next.delete(name);
    else next.set(name, text);
  }
  return { revision, documents: next };
}
