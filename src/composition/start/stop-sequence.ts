/** The steps that stop a server, run in the reverse order of its start. */
export class StopSequence {
  readonly #steps: ((graceMs: number) => Promise<void>)[] = [];

  add(...steps: ((graceMs: number) => Promise<void>)[]): void {
    this.#steps.push(...steps);
  }

  async run(graceMs: number): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step(graceMs);
  }
}
