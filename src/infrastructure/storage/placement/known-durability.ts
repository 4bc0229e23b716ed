import type { Logger } from '../../../application/ports/logger.js';
import type { Durability } from '../../../application/ports/project-storage.js';
import type { GenerationStores } from './generation-stores.js';
import type { GenerationSpec } from './placement.js';

/** How long what a server said is taken for what it would say now, in ms. */
const FRESH_FOR = 2_000;
/** How old warnings may be before a server is asked again in the background, in ms. */
const WARNINGS_FRESH_FOR = 30_000;

interface Answer {
  readonly durability: Durability;
  readonly generation: number;
  /** In ms since the process began. */
  readonly at: number;
}

/** How safe commits of a project are, as its engine or its server last said. Warnings that are new are logged. */
export class KnownDurability {
  readonly #project: string;
  readonly #stores: Pick<GenerationStores, 'durability'>;
  readonly #log: Pick<Logger, 'warn'>;
  #latest: Answer | undefined;
  #asking: { readonly generation: number; readonly answer: Promise<Durability> } | undefined;

  constructor(project: string, stores: Pick<GenerationStores, 'durability'>, log: Pick<Logger, 'warn'>) {
    this.#project = project;
    this.#stores = stores;
    this.#log = log;
  }

  /** Never rejects. Those who ask at the same time share an answer. */
  of(spec: GenerationSpec): Promise<Durability> {
    const { generation } = spec;
    const latest = this.#answerOf(generation);
    if (latest !== undefined && performance.now() - latest.at < FRESH_FOR) return Promise.resolve(latest.durability);
    if (this.#asking?.generation === generation) return this.#asking.answer;
    const answer = this.#ask(spec).finally(() => {
      if (this.#asking?.answer === answer) this.#asking = undefined;
    });
    this.#asking = { generation, answer };
    return answer;
  }

  /** Those of the latest answer, at once. */
  warningsOf(spec: GenerationSpec): readonly string[] {
    const latest = this.#answerOf(spec.generation);
    if (latest === undefined || performance.now() - latest.at > WARNINGS_FRESH_FOR) void this.of(spec);
    return latest?.durability.warnings ?? [];
  }

  async #ask(spec: GenerationSpec): Promise<Durability> {
    const { generation } = spec;
    try {
      const durability = await this.#stores.durability(spec);
      const known = this.#answerOf(generation)?.durability.warnings ?? [];
      this.#latest = { durability, generation, at: performance.now() };
      for (const warning of durability.warnings.filter((it) => !known.includes(it))) {
        this.#log.warn({ project: this.#project, engine: spec.engine, warning }, 'a server is not set as it should be');
      }
      return durability;
    } catch {
      // Why it does not answer is in the errors of requests for the data. What it warned of before is no better now.
      const warnings = this.#answerOf(generation)?.durability.warnings ?? [];
      return { commit: 'is unknown: the server does not say how it is set', warnings };
    }
  }

  #answerOf(generation: number): Answer | undefined {
    return this.#latest?.generation === generation ? this.#latest : undefined;
  }
}
