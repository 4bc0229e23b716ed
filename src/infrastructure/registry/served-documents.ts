import type { Awaitable } from '../../application/awaitable.js';
import { KeyedMutex, type Release } from '../../application/keyed-mutex.js';
import type { Documents, DocumentsRead } from './documents.js';
import { installationIn } from './registry-documents.js';
import { within } from './registry-node.js';

/** The texts of documents by name; undefined for one that is removed. */
type Changes = ReadonlyMap<string, string | undefined>;

/** The longest that a read or a commit may take, in ms. */
const TIMEOUT = 10_000;

/** The documents of a registry, and those of them that this server serves by now. */
export class ServedDocuments {
  readonly #documents: Documents;
  readonly #turn = new KeyedMutex();
  #newest = 0;
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
  async read(): Promise<DocumentsRead> {
    const found = await within(TIMEOUT, this.#documents.read());
    this.#newest = Math.max(this.#newest, found.revision);
    return found;
  }

  /** The highest revision that was read or made here. */
  get newest(): number {
    return this.#newest;
  }

  /** Runs a task while no other one changes what is served. */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    return this.#turn.run(['documents'], task);
  }

  /**
   * Makes the changes that `plan` returns for the newest documents, and serves them; then `done` runs before anything
   * else. Returns the revision that has them; undefined if there is nothing to change. Rejects with what `plan` throws.
   */
  change(
    plan: (found: DocumentsRead) => Awaitable<Changes>,
    done: () => void = () => undefined,
  ): Promise<number | undefined> {
    return this.exclusively(async () => {
      for (;;) {
        const found = await this.read();
        const changes = await plan(found);
        const revision = changes.size === 0 ? undefined : await this.commit(found, changes);
        if (revision === undefined && changes.size > 0) continue;
        done();
        return revision;
      }
    });
  }

  /** Waits until no task changes what is served, and keeps others from it until the function is called. */
  async acquire(): Promise<Release> {
    return this.#turn.acquire(['documents']);
  }

  /**
   * Changes what was read. Returns the new revision; undefined if there was another commit meanwhile. Serves it, unless
   * `serves` is false: call `serveCommit` then.
   */
  async commit(found: DocumentsRead, changes: Changes, serves = true): Promise<number | undefined> {
    const revision = await within(TIMEOUT, this.#documents.commit(found.revision, changes));
    if (revision === undefined) return undefined;
    this.#newest = Math.max(this.#newest, revision);
    if (serves) this.serveCommit(found, changes, revision);
    return revision;
  }

  /** Serves what a commit has made, if nothing else of what was read has yet to be taken over. */
  serveCommit(found: DocumentsRead, changes: Changes, revision: number): void {
    if (found.revision === this.#served.revision) this.#served = withChanges(found, changes, revision);
  }
}

function withChanges({ documents }: DocumentsRead, changes: Changes, revision: number): DocumentsRead {
  const next = new Map(documents);
  for (const [name, text] of changes) {
    if (text === undefined) next.delete(name);
    else next.set(name, text);
  }
  return { revision, documents: next };
}
