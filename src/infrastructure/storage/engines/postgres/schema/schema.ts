import { commitFunctions, limitedCommit, limitedCommitFunction } from './commit-function.js';
import { groupFunction, hasGroupFunction } from './group-function.js';
import { dropLog } from './log-schema.js';

/** The layout of the tables. A store of a higher one was made by a later PortKV, and is not opened. */
export const FORMAT = 1;

/** How many rows keep the sizes: commits on as many connections do not wait for each other. */
const SHARDS = 16;

/** What makes the schema with its list of stores. */
export function createSchema(schema: string): string {
  return `CREATE SCHEMA IF NOT EXISTS ${schema};
CREATE TABLE IF NOT EXISTS ${schema}.stores (
  name text PRIMARY KEY, project text NOT NULL, format int NOT NULL, created timestamptz NOT NULL DEFAULT now());`;
}

/** What makes an empty store, in one transaction. Entries are large or not compressible, so they are not compressed. */
export function createStore(schema: string, name: string, project: string): string {
  const entries = `${schema}.${name}`;
  const sizes = `${entries}_sizes`;
  const listed = `('${name}', '${project.replaceAll("'", "''")}', ${FORMAT})`;
  return `INSERT INTO ${schema}.stores (name, project, format) VALUES ${listed};
CREATE TABLE ${entries} (
  key bytea PRIMARY KEY, version int8 NOT NULL, created float8 NOT NULL, updated float8 NOT NULL, expires float8,
  type bytea NOT NULL, meta bytea, value bytea NOT NULL);
ALTER TABLE ${entries} ALTER value SET STORAGE EXTERNAL;
CREATE INDEX ${name}_expiry ON ${entries} (expires, key) WHERE expires IS NOT NULL;
CREATE TABLE ${sizes} (shard int PRIMARY KEY, keys int8 NOT NULL, bytes int8 NOT NULL) WITH (fillfactor = 10);
INSERT INTO ${sizes} SELECT g, 0, 0 FROM generate_series(0, ${SHARDS - 1}) g;
${commitFunctions({ entries, sizes, shards: SHARDS })}
${createLimitedCommit(schema, name)}
${createGroup(schema, name)}`;
}

/** What makes the function for commits within a limit. */
export function createLimitedCommit(schema: string, name: string): string {
  const entries = `${schema}.${name}`;
  return limitedCommitFunction({ entries, sizes: `${entries}_sizes`, shards: SHARDS }, schema, name);
}

/** Selects whether that function is there. */
export function hasLimitedCommit(schema: string, name: string): string {
  return `SELECT to_regprocedure('${limitedCommit(`${schema}.${name}`)}') IS NOT NULL AS made`;
}

/** What makes the function for several commits: stores that were made before there was one get it later. */
export function createGroup(schema: string, name: string): string {
  const entries = `${schema}.${name}`;
  return groupFunction({ entries, sizes: `${entries}_sizes`, shards: SHARDS }, schema, name);
}

/** Selects whether that function is there. */
export function hasGroup(schema: string, name: string): string {
  return hasGroupFunction(`${schema}.${name}`);
}

/**
 * What has each statement that changes entries fail, in one transaction. The lock waits for commits that run; those
 * that wait for the lock find the trigger.
 */
export function createFence(schema: string, name: string): string {
  const entries = `${schema}.${name}`;
  return `LOCK TABLE ${entries} IN SHARE ROW EXCLUSIVE MODE;
CREATE OR REPLACE FUNCTION ${entries}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN RAISE EXCEPTION SQLSTATE 'PK003' USING MESSAGE = 'its project was moved elsewhere'; END $$;
DROP TRIGGER IF EXISTS fence ON ${entries};
CREATE TRIGGER fence BEFORE INSERT OR UPDATE OR DELETE ON ${entries} FOR EACH STATEMENT
  EXECUTE FUNCTION ${entries}_refuse();`;
}

/** Selects whether that is there. To drop what is not there would lock the table nevertheless. */
export function hasFence(schema: string, name: string): string {
  return `SELECT 1 FROM pg_trigger WHERE tgrelid = to_regclass('${schema}.${name}') AND tgname = 'fence'`;
}

/** What removes it, whether it is there or not. */
export function dropStore(schema: string, name: string): string {
  const entries = `${schema}.${name}`;
  return `DROP TABLE IF EXISTS ${entries}, ${entries}_sizes;
DROP FUNCTION IF EXISTS ${entries}_put, ${entries}_commit, ${entries}_within, ${entries}_group,
  ${entries}_refuse;
${dropLog(entries)}
DELETE FROM ${schema}.stores WHERE name = '${name}';`;
}
