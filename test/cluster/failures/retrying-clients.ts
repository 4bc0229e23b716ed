import type { HttpResponse } from '../../harness/http-client.js';
import type { GroupMember, ServerGroup } from './server-group.js';

const CLIENTS = 4;

/** Clients that send each request to one server after another in turn, and to the next one if it fails. */
export class RetryingClients {
  /** What the second server did not answer either. */
  readonly lost: string[] = [];
  retries = 0;
  #answered = 0;
  #turn = 0;
  #stopped = false;

  constructor(
    private readonly group: ServerGroup,
    private readonly project: string,
  ) {}

  async use(): Promise<void> {
    await Promise.all(Array.from({ length: CLIENTS }, (_, i) => this.#client(i)));
  }

  /** Resolves once so many more requests have been answered. */
  async answers(count: number): Promise<void> {
    for (const before = this.#answered; this.#answered < before + count; )
      await new Promise((resolve) => setTimeout(resolve, 10));
  }

  stop(): void {
    this.#stopped = true;
  }

  async #client(client: number): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      // Both may be done twice.
      const path = `${this.project}/values/${client}`;
      const result = n % 2 === 0 ? await this.#ask('PUT', path, { body: `${n}` }) : await this.#ask('GET', path, {});
      if (result !== undefined) this.lost.push(`${path}: ${result}`);
      this.#answered += 1;
    }
  }

  /** What went wrong. */
  async #ask(method: string, path: string, sent: { body?: string }): Promise<string | undefined> {
    const { members } = this.group;
    this.#turn += 1;
    const turn = this.#turn;
    const at = (index: number) => {
      const { server } = members[index % members.length] as GroupMember;
      return problemOf(this.group.sendTo(server, method, path, sent));
    };
    if ((await at(turn)) === undefined) return undefined;
    this.retries += 1;
    return at(turn + 1);
  }
}

async function problemOf(answer: Promise<HttpResponse>): Promise<string | undefined> {
  try {
    const { status, text } = await answer;
    return status < 300 ? undefined : `${status} ${text}`;
  } catch (error) {
    return String(error);
  }
}
