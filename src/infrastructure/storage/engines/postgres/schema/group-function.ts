/** The tables of a store, with their schema, and how many rows its sizes have. */
export interface Tables {
  readonly entries: string;
  readonly sizes: string;
  readonly shards: number;
}

/**
 * Does many commits of one key each in one transaction, so that they share its round trip and its sync. Each is done
 * or not by its own expectation. Whatever else fails undoes all of them, and the caller does each on its own.
 *
 * Locks are taken as by other commits: rows that exist in the order of keys, then new ones, then sizes, then the row
 * in the list of stores. It gives up a lock that it does not get soon: one key that is locked for long must not hold
 * up the others.
 *
 * The result has for each commit whether it was done, and the highest number in the log if any was recorded.
 */
export function groupFunction({ entries, sizes, shards }: Tables, schema: string, name: string): string {
  // A removal has no value.
  const rows = `unnest(expected, stored, k, v, c, u, x, t, m, d)
    p(expected, stored, key, version, created, updated, expires, type, meta, value)`;
  return `CREATE FUNCTION ${entries}_group(${PARAMETERS}, OUT done boolean[], OUT number int8)
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off SET lock_timeout = ${LOCK_TIMEOUT} AS $$
DECLARE
  stored int8[];
  before int8[];
  claimed bytea[] := '{}';
  added int8;
  grown int8;
  grows boolean;
  all_keys int8;
  all_bytes int8;
BEGIN
  SELECT array_agg(l.version ORDER BY n.i), array_agg(l.bytes ORDER BY n.i) INTO stored, before
    FROM unnest(k) WITH ORDINALITY n(key, i) LEFT JOIN (
      SELECT e.key, e.version, octet_length(e.key) + octet_length(e.value) + coalesce(octet_length(e.meta), 0) AS bytes
      FROM ${entries} e WHERE e.key = ANY (k) ORDER BY e.key FOR UPDATE
    ) l ON l.key = n.key;
  IF array_position(expected, NULL) IS NOT NULL THEN
    WITH made AS (
      INSERT INTO ${entries} SELECT p.key, p.version, p.created, p.updated, p.expires, p.type, p.meta, p.value
      FROM ${rows} WHERE p.expected IS NULL AND p.stored IS NULL ORDER BY p.key ON CONFLICT DO NOTHING RETURNING key
    ) SELECT coalesce(array_agg(key), '{}') INTO claimed FROM made;
  END IF;
  UPDATE ${entries} e SET version = p.version, created = p.created, updated = p.updated, expires = p.expires,
      type = p.type, meta = p.meta, value = p.value
    FROM ${rows} WHERE e.key = p.key AND p.stored = p.expected AND p.value IS NOT NULL;
  IF array_position(d, NULL) IS NOT NULL THEN
    DELETE FROM ${entries} e USING ${rows} WHERE e.key = p.key AND p.stored = p.expected AND p.value IS NULL;
  END IF;
  SELECT array_agg(s.done ORDER BY s.i), coalesce(sum(s.keys), 0), coalesce(sum(s.bytes), 0),
      coalesce(bool_or(s.bytes - s.keys * uncounted > 0), false)
    INTO done, added, grown, grows
    FROM (
      SELECT p.i, o.done, CASE WHEN o.done THEN (p.value IS NOT NULL)::int - (p.stored IS NOT NULL)::int END AS keys,
        CASE WHEN o.done THEN coalesce(octet_length(p.key) + octet_length(p.value) + coalesce(octet_length(p.meta), 0),
          0) - coalesce(p.before, 0) END AS bytes
      FROM unnest(expected, stored, before, k, m, d) WITH ORDINALITY p(expected, stored, before, key, meta, value, i),
        LATERAL (SELECT CASE WHEN p.expected IS NULL THEN p.key = ANY (claimed)
          ELSE coalesce(p.stored = p.expected, false) END AS done) o
    ) s;
  IF added <> 0 OR grown <> 0 THEN
    UPDATE ${sizes} s SET keys = s.keys + added, bytes = s.bytes + grown WHERE s.shard = pg_backend_pid() % ${shards};
  END IF;
  IF mk IS NOT NULL AND (cardinality(claimed) > 0 OR grows) THEN
    PERFORM 1 FROM ${schema}.stores s WHERE s.name = '${name}' FOR UPDATE;
    SELECT sum(s.keys), sum(s.bytes) - sum(s.keys) * uncounted INTO all_keys, all_bytes FROM ${sizes} s;
    IF (cardinality(claimed) > 0 AND all_keys > mk) OR (grows AND all_bytes > mb) THEN
      RAISE EXCEPTION SQLSTATE 'PK002' USING MESSAGE = 'keys ' || all_keys;
    END IF;
  END IF;
  IF r IS NOT NULL THEN
    FOR i IN 1 .. cardinality(r) LOOP
      IF done[i] AND r[i] IS NOT NULL THEN number := ${entries}_record(r[i]); END IF;
    END LOOP;
  END IF;
END $$;`;
}

/** Selects whether it is there. */
export function hasGroupFunction(entries: string): string {
  return `SELECT to_regprocedure('${entries}_group(${TYPES})') IS NOT NULL AS made`;
}

/** So that it ends before the server looks for a deadlock. */
const LOCK_TIMEOUT = "'900ms'";

const PARAMETERS = `mk int8, mb int8, uncounted int8, expected int8[], k bytea[], v int8[], c float8[], u float8[],
  x float8[], t bytea[], m bytea[], d bytea[], r bytea[]`;
const TYPES = PARAMETERS.replace(/(\w+) (\w+(?:\[\])?)/g, '$2');
