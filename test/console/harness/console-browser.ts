import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** The widths at which people use the console: a laptop and a telephone. */
export const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } } as const;
export type Size = keyof typeof SIZES;

/** Where the pictures of the run go. */
const SHOTS = process.env.CONSOLE_SHOTS ?? join(tmpdir(), 'portkv-console');

/** What a browser reports for a response that a test asks for, such as 401 for a wrong key. */
const FAILED_RESPONSE = /^Failed to load resource: /;

let browser: Promise<Browser> | undefined;

/** One browser for all test files of a process. */
function chromiumHere(): Promise<Browser> {
  browser ??= chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return browser;
}

/** The console in a tab of its own, with everything that a browser complains about. */
export class ConsolePage {
  readonly complaints: string[] = [];

  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    readonly address: string,
  ) {
    page.on('console', (message) => {
      const isBad = message.type() === 'error' || message.type() === 'warning';
      if (isBad && !FAILED_RESPONSE.test(message.text())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
  }

  static async open(
    server: string,
    { size = 'wide', theme = 'light', path = '' }: { size?: Size; theme?: 'light' | 'dark'; path?: string } = {},
  ): Promise<ConsolePage> {
    const context = await (await chromiumHere()).newContext({
      viewport: SIZES[size],
      colorScheme: theme,
      hasTouch: size === 'narrow',
      acceptDownloads: true,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const opened = new ConsolePage(page, context, `${server}/console/`);
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

  /** Closes the tab. Throws if the browser complained: of an error, or of what the content policy refuses. */
  async close(): Promise<void> {
    await this.context.close();
    if (this.complaints.length > 0) throw new Error(`The browser complained:\n${this.complaints.join('\n')}`);
  }
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}
