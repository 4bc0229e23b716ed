import type { Router } from 'express';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { RestSettings } from '../rest-settings.js';
import { consoleRouter } from './console-page.js';
import { docsRouter } from './docs-page.js';

/** The routers of the pages for browsers, each by the path below which they are. */
export type PageRouters = Readonly<Record<string, Router>>;

/** What is served beside the route table: no key is needed for it, and it shows no data. */
@scoped(Lifecycle.ContainerScoped)
export class Pages {
  readonly routers: PageRouters;

  constructor(@inject(RestSettings) settings: RestSettings) {
    const hasConsole = () => settings.consoleEnabled;
    this.routers = { '/docs': docsRouter(hasConsole), '/console': consoleRouter(hasConsole) };
  }
}
