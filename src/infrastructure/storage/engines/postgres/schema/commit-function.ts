import type { Tables } from './group-function.js';

/**
 * The functions by which a store is written: one call is one commit, in one transaction, at the isolation that every
 * PostgreSQL has by default. Plain SQL: no advisory locks, no notifications.
 *
 * Every key that a commit names is locked or claimed first. Rows that exist are locked, in the order of keys. What has
 * to be absent, or is new, is claimed by its place in the unique index: a rival waits there, then finds it taken. So
 * two commits that each expect what the other changes cannot both succeed. A claim that is lost raises PK001, and the
 * caller begins again, with what is stored then.
 *
 * Sizes are in rows by connection, and their sum is exact: commits do not wait for one row that all of them change.
 */
export function commitFunctions({ entries, sizes, shards }: Tables): string {
  return `
CREATE FUNCTION ${entries}_put(expected int8, k bytea, v int8, c float8, u float8, x float8, t bytea, m bytea, d bytea)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  before int8 := 0;
  added int := 0;
BEGIN
  IF expected IS NULL THEN
    INSERT INTO ${entries} VALUES (k, v, c, u, x, t, m, d) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN false; END IF;
    added := 1;
    before := -octet_length(k);
  ELSE
    SELECT octet_length(e.value) + coalesce(octet_length(e.meta), 0) INTO before
      FROM ${entries} e WHERE e.key = k AND e.version = expected FOR UPDATE;
    IF NOT FOUND THEN RETURN false; END IF;
    UPDATE ${entries} e SET version = v, created = c, updated = u, expires = x, type = t, meta = m, value = d
      WHERE e.key = k;
  END IF;
  before := octet_length(d) + coalesce(octet_length(m), 0) - before;
  IF added <> 0 OR before <> 0 THEN
    UPDATE ${sizes} s SET keys = s.keys + added, bytes = s.bytes + before WHERE s.shard = pg_backend_pid() % ${shards};
  END IF;
  RETURN true;
END $$;

${batchFunction({ entries, sizes, shards }, `${entries}_commit(${PARAMETERS})`, '')}`;
}

/**
 * A commit within a limit, with its own function: stores that were made before there was one get it later. Commits that
 * add to what is limited follow one another from here to their end: each sees what all others added. This lock is their
 * last one, so none waits for another in a circle. SQLSTATE PK002 names the limit and what the store would have.
 */
export function limitedCommitFunction(tables: Tables, schema: string, name: string): string {
  const parameters = `mk int8, mb int8, uncounted int8, ${PARAMETERS}`;
  const added = 'cardinality(pk) - replaced - removed';
  const check = `  IF ${added} > 0 OR after - before - (${added}) * uncounted > 0 THEN
    PERFORM 1 FROM ${schema}.stores s WHERE s.name = '${name}' FOR UPDATE;
    SELECT sum(s.keys), sum(s.bytes) - sum(s.keys) * uncounted INTO all_keys, all_bytes FROM ${tables.sizes} s;
    IF ${added} > 0 AND all_keys > mk THEN
      RAISE EXCEPTION SQLSTATE 'PK002' USING MESSAGE = 'keys ' || all_keys;
    ELSIF after - before - (${added}) * uncounted > 0 AND all_bytes > mb THEN
      RAISE EXCEPTION SQLSTATE 'PK002' USING MESSAGE = 'bytes ' || all_bytes;
    END IF;
  END IF;
`;
  return batchFunction(tables, limitedCommit(tables.entries, parameters), check);
}

/** The name of that function, with its parameters or with the types of all of them. */
export function limitedCommit(entries: string, parameters = LIMITED_TYPES): string {
  return `${entries}_within(${parameters})`;
}

const PARAMETERS = `ek bytea[], ev int8[], pk bytea[], pv int8[], pc float8[], pu float8[], px float8[],
  pt bytea[], pm bytea[], pd bytea[], rk bytea[]`;
const LIMITED_TYPES = `int8, int8, int8, ${PARAMETERS.replace(/(\w+) (\w+\[\])/g, '$2')}`;

/** The function that does what a batch says; `check` is run last. */
function batchFunction({ entries, sizes, shards }: Tables, signature: string, check: string): string {
  return `CREATE FUNCTION ${signature}
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  all_keys int8;
  all_bytes int8;
  present bytea[];
  versions int8[];
  guards bytea[];
  replaced int := 0;
  removed int := 0;
  claimed int;
  before int8;
  after int8;
BEGIN
  SELECT coalesce(array_agg(l.key), '{}'), coalesce(array_agg(l.version), '{}'), count(p.key), count(r.key),
      coalesce(sum(l.bytes) FILTER (WHERE p.key IS NOT NULL OR r.key IS NOT NULL), 0)
    INTO present, versions, replaced, removed, before
    FROM (
      SELECT e.key, e.version, octet_length(e.key) + octet_length(e.value) + coalesce(octet_length(e.meta), 0) AS bytes
      FROM ${entries} e WHERE e.key = ANY (ek || pk || rk) ORDER BY e.key FOR UPDATE
    ) l
    LEFT JOIN unnest(pk) p(key) ON p.key = l.key
    LEFT JOIN unnest(rk) r(key) ON r.key = l.key;
  IF EXISTS (
    SELECT 1 FROM unnest(ek, ev) x(key, version) LEFT JOIN unnest(present, versions) l(key, version) ON l.key = x.key
    WHERE l.version IS DISTINCT FROM x.version
  ) THEN RETURN false; END IF;
  SELECT coalesce(array_agg(DISTINCT x.key), '{}') INTO guards
    FROM unnest(ek, ev) x(key, version) LEFT JOIN unnest(pk) p(key) ON p.key = x.key
    WHERE x.version IS NULL AND p.key IS NULL;
  IF cardinality(pk) + cardinality(guards) > replaced THEN
    INSERT INTO ${entries}
      SELECT n.* FROM (
        SELECT p.*
          FROM unnest(pk, pv, pc, pu, px, pt, pm, pd) p(key, version, created, updated, expires, type, meta, value)
          LEFT JOIN unnest(present) l(key) ON l.key = p.key WHERE l.key IS NULL
        UNION ALL SELECT g, 0, 0, 0, NULL, '', NULL, '' FROM unnest(guards) g
      ) n ORDER BY n.key ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS claimed = ROW_COUNT;
    IF claimed < cardinality(pk) + cardinality(guards) - replaced THEN RAISE EXCEPTION SQLSTATE 'PK001'; END IF;
  END IF;
  IF replaced > 0 THEN
    UPDATE ${entries} e SET version = p.version, created = p.created, updated = p.updated, expires = p.expires,
        type = p.type, meta = p.meta, value = p.value
      FROM unnest(pk, pv, pc, pu, px, pt, pm, pd) p(key, version, created, updated, expires, type, meta, value)
        JOIN unnest(present) l(key) ON l.key = p.key
      WHERE e.key = p.key;
  END IF;
  IF removed > 0 OR cardinality(guards) > 0 THEN
    DELETE FROM ${entries} e USING (
      SELECT r.key FROM unnest(rk) r(key) JOIN unnest(present) l(key) ON l.key = r.key
      UNION ALL SELECT g FROM unnest(guards) g
    ) gone WHERE e.key = gone.key;
  END IF;
  SELECT coalesce(sum(octet_length(p.key) + octet_length(p.value) + coalesce(octet_length(p.meta), 0)), 0) INTO after
    FROM unnest(pk, pm, pd) p(key, meta, value);
  IF after <> before OR cardinality(pk) <> replaced + removed THEN
    UPDATE ${sizes} s SET keys = s.keys + cardinality(pk) - replaced - removed, bytes = s.bytes + after - before
      WHERE s.shard = pg_backend_pid() % ${shards};
  END IF;
${check}  RETURN true;
END $$;`;
}
