import type { ServerSettings } from '../../application/ports/server-settings.js';
import type { Handlers } from './handlers.js';
import { latestParameters, listParameters, removeParameters } from './list.handlers.js';
import { keys, type Parameters } from './parameter.js';
import type { Route } from './route.js';
import { expiryParameters } from './value-expiry.js';

const PROJECTS = '/api/v1/projects';
const PROJECT = `${PROJECTS}/{project}`;
const STORE = `${PROJECT}/store`;
const ITEM = `${STORE}/{key}`;
const VALUES = `${PROJECT}/values`;

const system = { allow: 'system' } as const;
const read = { allow: 'project', scope: 'read' } as const;
const write = { allow: 'project', scope: 'write' } as const;
const remove = { allow: 'project', scope: 'delete' } as const;
const list = { allow: 'project', scope: 'list' } as const;
const admin = { allow: 'project', scope: 'admin', orSystem: true } as const;
const member = { allow: 'project', orSystem: true } as const;

/** Every route of the server. */
export function routesOf(h: Handlers, { metricsPublic }: Pick<ServerSettings, 'metricsPublic'>): readonly Route[] {
  return [
    ...aroundRoutes(h, metricsPublic ? 'open' : system),
    ...projectRoutes(h),
    ...migrationRoutes(h),
    ...storeRoutes(h),
    ...itemRoutes(h),
    ...valueRoutes(h, `${VALUES}/{key*}`, {}),
    ...valueRoutes(h, VALUES, { key: single(keys('The key, for keys that clients rewrite in a path.')) }),
  ];
}

function aroundRoutes({ health }: Handlers, metrics: Route['access']): readonly Route[] {
  return [
    route({
      id: 'live',
      method: 'GET',
      path: '/livez',
      summary: 'Whether the server runs',
      access: 'open',
      handle: health.live,
    }),
    route({
      id: 'ready',
      method: 'GET',
      path: '/readyz',
      summary: 'Whether every project can be served',
      access: 'open',
      handle: health.ready,
    }),
    route({
      id: 'status',
      method: 'GET',
      path: '/status',
      summary: 'The state of the server',
      access: system,
      system: true,
      handle: health.status,
    }),
    route({
      id: 'metrics',
      method: 'GET',
      path: '/metrics',
      summary: 'Figures for Prometheus',
      access: metrics,
      compressible: true,
      handle: health.metrics,
    }),
  ];
}

function projectRoutes({ projects }: Handlers): readonly Route[] {
  return [
    route({
      id: 'listProjects',
      method: 'GET',
      path: PROJECTS,
      summary: 'All projects with their settings',
      access: system,
      system: true,
      compressible: true,
      handle: projects.list,
    }),
    route({
      id: 'createProject',
      method: 'POST',
      path: PROJECTS,
      summary: 'Create a project',
      access: system,
      system: true,
      body: 'json',
      handle: projects.create,
    }),
    route({
      id: 'regenerateApiKey',
      method: 'POST',
      path: `${PROJECT}/config/regenerate-api-key`,
      summary: "Replace a project's primary API key",
      access: system,
      system: true,
      body: 'json',
      handle: projects.regenerateKey,
    }),
    route({
      id: 'getProject',
      method: 'GET',
      path: PROJECT,
      summary: "A project's settings",
      access: member,
      system: true,
      compressible: true,
      handle: projects.get,
    }),
    route({
      id: 'updateProject',
      method: 'PUT',
      path: PROJECT,
      summary: "Change a project's settings",
      access: admin,
      body: 'json',
      handle: projects.update,
    }),
    route({
      id: 'deleteProject',
      method: 'DELETE',
      path: PROJECT,
      summary: 'Delete a project with its settings, keys and data',
      access: system,
      system: true,
      handle: projects.delete,
    }),
  ];
}

function migrationRoutes({ migrations }: Handlers): readonly Route[] {
  return [
    route({
      id: 'listMigrations',
      method: 'GET',
      path: `${PROJECT}/migrations`,
      summary: 'The changes of engine that run and ran',
      access: admin,
      handle: migrations.list,
    }),
    route({
      id: 'getMigration',
      method: 'GET',
      path: `${PROJECT}/migrations/{migration}`,
      summary: 'How a change of engine is getting on',
      access: admin,
      handle: migrations.get,
    }),
    route({
      id: 'rollBackMigration',
      method: 'POST',
      path: `${PROJECT}/migrations/{migration}/rollback`,
      summary: 'Go back to the engine before, while nothing was written since',
      access: admin,
      handle: migrations.rollBack,
    }),
  ];
}

function storeRoutes({ lists, transactions }: Handlers): readonly Route[] {
  return [
    route({
      id: 'storeForm',
      method: 'POST',
      path: STORE,
      summary: 'Store all fields of a form, or none',
      access: write,
      body: 'form',
      handle: transactions.storeForm,
    }),
    route({
      id: 'runTransaction',
      method: 'POST',
      path: `${PROJECT}/transactions`,
      summary: 'Run several operations at one moment, or none',
      access: write,
      body: 'transaction',
      handle: transactions.run,
    }),
    route({
      id: 'listEntries',
      method: 'GET',
      path: STORE,
      summary: 'The whole store, or a page of it',
      access: list,
      query: listParameters,
      compressible: true,
      handle: lists.list,
    }),
    route({
      id: 'removeEntries',
      method: 'DELETE',
      path: STORE,
      summary: 'Delete all entries, or those with a prefix',
      access: remove,
      query: removeParameters,
      handle: lists.remove,
    }),
    route({
      id: 'latestEntry',
      method: 'GET',
      path: `${PROJECT}/latest`,
      summary: 'The entry updated last among several',
      access: read,
      query: latestParameters,
      handle: lists.latest,
    }),
  ];
}

function itemRoutes({ entries }: Handlers): readonly Route[] {
  return [
    route({
      id: 'getItem',
      method: 'GET',
      path: ITEM,
      summary: 'An entry with its metadata',
      access: read,
      system: true,
      conditional: true,
      handle: entries.getItem,
    }),
    route({
      id: 'putItem',
      method: 'PUT',
      path: ITEM,
      summary: 'Store a value',
      access: write,
      system: true,
      query: expiryParameters,
      conditional: true,
      body: 'value',
      handle: entries.putItem,
    }),
    route({
      id: 'patchItem',
      method: 'PATCH',
      path: ITEM,
      summary: 'Apply a JSON Merge Patch (RFC 7396)',
      access: write,
      conditional: true,
      body: 'value',
      handle: entries.patchItem,
    }),
    route({
      id: 'deleteItem',
      method: 'DELETE',
      path: ITEM,
      summary: 'Delete an entry',
      access: remove,
      conditional: true,
      handle: entries.deleteItem,
    }),
    route({
      id: 'getItemValue',
      method: 'GET',
      path: `${ITEM}/value`,
      summary: 'The raw value of an entry',
      access: read,
      conditional: true,
      handle: entries.getValue,
    }),
    route({
      id: 'incrementItem',
      method: 'POST',
      path: `${ITEM}/increment`,
      summary: 'Add to an integer',
      access: write,
      conditional: true,
      body: 'json',
      handle: entries.increment,
    }),
    route({
      id: 'appendToItem',
      method: 'POST',
      path: `${ITEM}/append`,
      summary: 'Append bytes to a value',
      access: write,
      conditional: true,
      body: 'value',
      handle: entries.append,
    }),
    route({
      id: 'touchItem',
      method: 'POST',
      path: `${ITEM}/touch`,
      summary: 'Set or remove the expiry of an entry',
      access: write,
      conditional: true,
      body: 'json',
      handle: entries.touch,
    }),
  ];
}

/** The raw routes, for a key in the path and for one in the query. */
function valueRoutes({ entries }: Handlers, path: string, key: Parameters): readonly Route[] {
  const suffix = path === VALUES ? 'ByQuery' : '';
  return [
    route({
      id: `getValue${suffix}`,
      method: 'GET',
      path,
      summary: 'The raw value of an entry',
      access: read,
      query: key,
      conditional: true,
      handle: entries.getValue,
    }),
    route({
      id: `putValue${suffix}`,
      method: 'PUT',
      path,
      summary: 'Store a value',
      access: write,
      query: { ...key, ...expiryParameters },
      conditional: true,
      body: 'value',
      handle: entries.putValue,
    }),
    route({
      id: `patchValue${suffix}`,
      method: 'PATCH',
      path,
      summary: 'Apply a JSON Merge Patch (RFC 7396)',
      access: write,
      query: key,
      conditional: true,
      body: 'value',
      handle: entries.patchValue,
    }),
    route({
      id: `deleteValue${suffix}`,
      method: 'DELETE',
      path,
      summary: 'Delete an entry',
      access: remove,
      query: key,
      conditional: true,
      handle: entries.deleteValue,
    }),
  ];
}

type Defaulted = 'system' | 'query' | 'body' | 'answers';

/** A line of the table with what is usual filled in. */
function route<P extends Parameters>(line: Omit<Route<P>, Defaulted> & Partial<Pick<Route<P>, Defaulted>>): Route {
  return { system: false, query: {}, body: 'none', answers: {}, ...line } as unknown as Route;
}

function single<T extends { list: true }>({ list: _, ...parameter }: T): Omit<T, 'list'> {
  return parameter;
}
