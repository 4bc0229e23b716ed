import type { Logger } from '../../../application/ports/logger.js';
import type { Durability } from '../../../application/ports/project-storage.js';
import type { GenerationStores } from './generation-stores.js';
import type { GenerationSpec } from './placement.js';

/** How long what a server said is taken for what it would say now, in ms. */
const FRESH_FOR = 2_000;
/** How old warnings may be before a server is asked again in the background, in ms. */
const WARNINGS_FRESH_FOR = 30_000;

interface Heard extends Durability {
  readonly generation: number;
  /** In ms since the process began. */
  readonly at: number;
}

/** How safe commits of a project are, as its engine or its server last said. Warnings that are new are logged. */
export class KnownDurability {
  readonly #project: string;
  readonly #stores: Pick<GenerationStores, 'durability'>;
  readonly #log: Pick<Logger, 'warn'>;
  #heard: Heard | undefined;
  #asking: { readonly generation: number; readonly answer: Promise<Durability> } | undefined;

  constructor(project: string, stores: Pick<GenerationStores, 'durability'>, log: Pick<Logger, 'warn'>) {
    this.#project = project;
    this.#stores = stores;
    this.#log = log;
  }

  /** Never rejects. Those who ask at the same time share an answer. */
  of(spec: GenerationSpec): Promise<Durability> {
    const { generation } = spec;
    const heard = this.#heardOf(generation);
    if (heard !== undefined && performance.now() - heard.at < FRESH_FOR) return Promise.resolve(heard);
    if (this.#asking?.generation === generation) return this.#asking.answer;
    const answer = this.#ask(spec).finally(() => {
      if (this.#asking?.answer === answer) this.#asking = undefined;
    });
    this.#asking = { generation, answer };
    return answer;
  }

  /** What was heard last, at once. */
  warningsOf(spec: GenerationSpec): readonly string[] {
    const heard = this.#heardOf(spec.generation);
    if (heard === undefined || performance.now() - heard.at > WARNINGS_FRESH_FOR) void this.of(spec);
    return heard?.warnings ?? [];
  }

  async #ask(spec: GenerationSpec): Promise<Durability> {
    const { generation } = spec;
    try {
      const { commit, warnings } = await this.#stores.durability(spec);
      const known = this.#heardOf(generation)?.warnings ?? [];
      this.#heard = { commit, warnings, generation, at: performance.now() };
      for (const warning of warnings.filter((it) => !known.includes(it))) {
        this.#log.warn({ project: this.#project, engine: spec.engine, warning }, 'a server is not set as it should be');
      }
      return { commit, warnings };
    } catch {
      // Why it does not answer is in the errors of requests for the data. What it warned of before is no better now.
      const warnings = this.#heardOf(generation)?.warnings ?? [];
      return { commit: 'is unknown: the server does not say how it is set', warnings };
    }
  }

  #heardOf(generation: number): Heard | undefined {
    return this.#heard?.generation === generation ? this.#heard : undefined;
  }
}
