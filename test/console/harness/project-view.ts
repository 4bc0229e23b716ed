import type { TestServer } from '../../harness/test-server.js';
import { ConsolePage, type Size } from './console-browser.js';

interface ViewOptions {
  readonly size?: Size;
  readonly theme?: 'light' | 'dark';
  /** Keys of projects by their ids. */
  readonly projects?: Readonly<Record<string, string>>;
  readonly withoutSystem?: boolean;
}

/** A view of the console at its address, with keys that the tab has kept, as after a reload. */
export async function openView(server: TestServer, path: string, options: ViewOptions = {}): Promise<ConsolePage> {
  const { projects = {}, withoutSystem = false, ...look } = options;
  const tab = await ConsolePage.open(server.address, look);
  const keys = JSON.stringify({ ...(withoutSystem ? {} : { system: server.systemKey }), projects });
  await tab.page.evaluate((text) => sessionStorage.setItem('portkv.keys', text), keys);
  await tab.page.goto(tab.address + path);
  await tab.page.locator('main h1').first().waitFor();
  return tab;
}

/** Whether the content is wider than the window. */
export function isTooWide({ page }: ConsolePage): Promise<boolean> {
  return page.evaluate(() => {
    const view = document.querySelector('.view');
    return view !== null && view.scrollWidth > view.clientWidth;
  });
}
