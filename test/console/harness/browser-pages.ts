import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** The widths at which people use the console: a laptop and a telephone. */
export const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } } as const;
export type Size = keyof typeof SIZES;

/** How long a test waits for what must come, in ms; a busy machine takes its time. */
const PATIENCE = 60_000;

let browser: Promise<Browser> | undefined;
const contexts = new Map<Size, Promise<BrowserContext>>();
const free: Record<Size, Page[]> = { wide: [], narrow: [] };

/**
 * A page of one browser for all tests of a process, which ends with it. A window of its own for each test would take
 * longer than most tests; a test that fails keeps its page.
 */
export async function freePage(size: Size): Promise<Page> {
  const page = free[size].pop() ?? (await (await contextOf(size)).newPage());
  page.setDefaultTimeout(PATIENCE);
  return page;
}

/** Takes what a test left in its page: what it stored, how it answered requests, and its open streams. */
export async function giveBack(page: Page, size: Size): Promise<void> {
  await page.unrouteAll();
  await page.evaluate(() => {
    sessionStorage.clear();
    localStorage.clear();
  });
  await page.goto('about:blank');
  free[size].push(page);
}

function contextOf(size: Size): Promise<BrowserContext> {
  const known = contexts.get(size);
  if (known !== undefined) return known;
  const made = launched().then((it) =>
    it.newContext({ viewport: SIZES[size], hasTouch: size === 'narrow', acceptDownloads: true }),
  );
  contexts.set(size, made);
  return made;
}

/** A browser that ended is replaced for the next test. */
async function launched(): Promise<Browser> {
  browser ??= launch();
  return browser;
}

async function launch(): Promise<Browser> {
  const started = await chromium.launch({
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
  started.on('disconnected', () => {
    browser = undefined;
    contexts.clear();
    for (const pages of Object.values(free)) pages.length = 0;
  });
  return started;
}
