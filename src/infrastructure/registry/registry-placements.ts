import { randomInt } from 'node:crypto';
import type { SharedPlacements } from '../storage/placement/data-folder-context.js';
import type { GenerationSpec } from '../storage/placement/placement.js';
import type { DocumentsRead } from './documents.js';
import { placementIn } from './registry-documents.js';
import type { ServedDocuments } from './served-documents.js';

/** Where the data of the projects is, as the documents say that this server serves. */
export class RegistryPlacements implements SharedPlacements {
  readonly #documents: ServedDocuments;
  /** Projects that were removed and made again elsewhere, so that their data is in another place. */
  #replaced = new Set<string>();

  constructor(documents: ServedDocuments) {
    this.#documents = documents;
  }

  placementOf(project: string): GenerationSpec | undefined {
    return placementIn(this.#documents.served.documents, project);
  }

  newGeneration(): number {
    return randomInt(1, 2 ** 40);
  }

  /** Call it when other documents are served than before. */
  noteReplaced({ documents }: DocumentsRead): void {
    for (const name of documents.keys()) {
      const project = name.slice(name.indexOf('/') + 1);
      const [old, now] = [placementIn(documents, project), this.placementOf(project)];
      if (old !== undefined && now !== undefined && old.generation !== now.generation) this.#replaced.add(project);
    }
  }

  /** The projects whose data is in another place since the last call. */
  takeReplaced(): readonly string[] {
    const replaced = [...this.#replaced];
    this.#replaced = new Set();
    return replaced;
  }
}
