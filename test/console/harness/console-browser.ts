import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConsoleMessage, Page } from 'playwright-core';
import { freePage, giveBack, SIZES, type Size } from './browser-pages.js';

export { SIZES, type Size };

/** Where the pictures of the run go. */
const SHOTS = process.env.CONSOLE_SHOTS ?? join(tmpdir(), 'portkv-console');

/** What a browser reports for a response that a test asks for, such as 401 for a wrong key. */
const FAILED_RESPONSE = /^Failed to load resource: /;

/** The console in a tab, with everything that a browser complains about. */
export class ConsolePage {
  readonly complaints: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly size: Size,
    readonly address: string,
  ) {
    page.on('console', this.#listen);
    page.on('pageerror', this.#note);
  }

  static async open(
    server: string,
    { size = 'wide', theme = 'light', path = '' }: { size?: Size; theme?: 'light' | 'dark'; path?: string } = {},
  ): Promise<ConsolePage> {
    const page = await freePage(size);
    await page.emulateMedia({ colorScheme: theme });
    const opened = new ConsolePage(page, size, `${server}/console/`);
    await page.goto(opened.address + path);
    return opened;
  }

  /** Signs in by the form, as a person does. */
  async signIn(key: string): Promise<void> {
    await this.page.getByLabel('Key', { exact: true }).fill(key);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  async shot(name: string): Promise<void> {
    mkdirSync(SHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SHOTS, `${name}.png`) });
  }

  /** Leaves the console. Throws if the browser complained: of an error, or of what the content policy refuses. */
  async close(): Promise<void> {
    this.page.off('console', this.#listen);
    this.page.off('pageerror', this.#note);
    await giveBack(this.page, this.size);
    if (this.complaints.length > 0) throw new Error(`The browser complained:\n${this.complaints.join('\n')}`);
  }

  readonly #listen = (message: ConsoleMessage): void => {
    const isBad = message.type() === 'error' || message.type() === 'warning';
    if (isBad && !FAILED_RESPONSE.test(message.text())) this.#note(message.text());
  };

  readonly #note = (complaint: unknown): void => {
    this.complaints.push(String(complaint));
  };
}
