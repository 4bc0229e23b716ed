import type { Route } from '../routing/route.js';
import { openApiOf } from './document.js';

/** What the OpenAPI document needs to know beside the routes. */
export class ApiDescription {
  constructor(
    /** JSON Schemas of settings, by name. */
    private readonly settings: Readonly<Record<string, object>>,
    private readonly version: string,
  ) {}

  /** The OpenAPI document of the routes. */
  json(routes: readonly Route[]): string {
    return JSON.stringify(openApiOf(routes, this.settings, this.version));
  }
}
