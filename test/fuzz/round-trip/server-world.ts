import type { RemoteStore } from '../../../src/interfaces/client/client.js';
import { type HttpResponse, type RequestOptions, send } from '../../harness/http-client.js';
import type { CommandOutput } from '../../harness/portkv-here.js';
import { runHere } from '../../harness/portkv-here.js';
import type { TestProject } from '../../harness/test-project.js';
import type { KeptEntry } from './kept-entry.js';

/** A project on a server, and all that reaches it. */
export interface ServerWorld {
  readonly project: TestProject;
  readonly store: RemoteStore;
  /** A folder for files. */
  readonly folder: string;
  /** A token of the change feed from before the entries were written. */
  readonly since: string;
}

/** Sends a request to the project, which must succeed. */
export async function succeed(
  { project }: Pick<ServerWorld, 'project'>,
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<HttpResponse> {
  const response = await project.send(method, path, options);
  if (response.status < 300) return response;
  throw new Error(`${method} ${path.slice(0, 200)}: ${response.status} ${response.text.slice(0, 500)}`);
}

/** Sends a request to a route that is not below that of the project, which must return 200. */
export async function authorized(
  { project: { server, key } }: ServerWorld,
  method: string,
  target: string,
  { headers, ...more }: RequestOptions,
): Promise<HttpResponse> {
  const all = { ...headers, authorization: `Bearer ${key}` };
  const response = await send(server.address, method, target, { ...more, headers: all });
  if (response.status === 200) return response;
  throw new Error(`${method} ${target.slice(0, 200)}: ${response.status} ${response.text.slice(0, 500)}`);
}

/** Runs operations in one transaction, each as JSON text. */
export function transact(world: ServerWorld, operations: readonly string[], more = ''): Promise<HttpResponse> {
  const headers = { 'content-type': 'application/json' };
  return succeed(world, 'POST', 'transactions', { headers, body: `{"operations":[${operations}]${more}}` });
}

/** Runs a command on the project; `args` are what follows the name of the project. */
export async function command(
  { project }: ServerWorld,
  name: string,
  options: readonly string[],
  args: readonly string[] = [],
): Promise<CommandOutput> {
  const target = ['--url', project.server.address, '--key', project.key];
  const output = await runHere([name, ...options, ...target, '--', project.id, ...args]);
  if (output.code === 0) return output;
  throw new Error(`portkv ${name}: ${output.errors}`);
}

/** The key as the last part of a path, with its slashes as they are. */
export function pathOf(key: string): string {
  return `values/${encodeURIComponent(key).replaceAll('%2F', '/')}`;
}

export function queryOf(key: string): string {
  return `values?key=${encodeURIComponent(key)}`;
}

export function itemOf(key: string): string {
  return `store/${encodeURIComponent(key)}`;
}

/** A time in seconds, as the API takes it. */
export function secondsOf({ expiresAt }: KeptEntry): number | undefined {
  return typeof expiresAt === 'number' ? expiresAt / 1000 : undefined;
}

/** Metadata as a header carries it. */
export function asciiOf(json: string): string {
  return json.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
