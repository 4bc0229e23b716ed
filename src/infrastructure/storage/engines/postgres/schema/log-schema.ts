/**
 * What makes the log of a store's commits, in one transaction: a row for each commit that is recorded, written in its
 * transaction, last of all.
 *
 * The numbers of a sequence are not in the order of commits, and no reader may go past a commit that still runs. So a
 * row also has `at`: the highest transaction that had ended when the row was made, or that of the row itself if it is
 * higher. The order is that of `at`, then of the sequence. Commits that name the same key wait for each other before
 * they come here, so the later one has neither a lower `at` nor a lower number. The `at` of a transaction that runs is
 * not below `pg_snapshot_xmin`, because it is not below the transaction itself: what is below is complete.
 */
export function createLog(entries: string): string {
  return `CREATE TABLE ${entries}_log (
  at int8 NOT NULL, n int8 GENERATED ALWAYS AS IDENTITY, changes bytea NOT NULL, PRIMARY KEY (at, n));
CREATE INDEX ${indexName(entries)} ON ${entries}_log (n);
CREATE TABLE ${entries}_dropped (at int8 NOT NULL, n int8 NOT NULL);
INSERT INTO ${entries}_dropped VALUES (0, 0);
${addOrigin(entries)}
CREATE FUNCTION ${entries}_record(recorded bytea) RETURNS int8 LANGUAGE plpgsql AS $$
DECLARE
  number int8;
BEGIN
  INSERT INTO ${entries}_log (at, changes) VALUES (greatest(
    pg_snapshot_xmax(pg_current_snapshot())::text::int8 - 1, pg_current_xact_id()::text::int8), recorded)
    RETURNING n INTO number;
  RETURN number;
END $$;`;
}

/** Selects whether it is there. */
export function hasLog(entries: string): string {
  return `SELECT to_regclass('${entries}_log') IS NOT NULL AS made`;
}

/**
 * What notes where the log was made: the numbers of transactions of another server are not in its order, and a dump
 * does not have what followed it. `mark` is empty until then.
 */
export function addOrigin(entries: string): string {
  return `ALTER TABLE ${entries}_dropped ADD COLUMN IF NOT EXISTS origin text,
  ADD COLUMN IF NOT EXISTS mark text NOT NULL DEFAULT '';
UPDATE ${entries}_dropped SET origin = ${originOf(entries)} WHERE origin IS NULL;`;
}

/** Selects whether that is noted. */
export function hasOrigin(entries: string): string {
  return `SELECT EXISTS (SELECT FROM pg_attribute
  WHERE attrelid = to_regclass('${entries}_dropped') AND attname = 'mark' AND NOT attisdropped) AS made`;
}

/** Selects whether the log is still where it was made, and the mark that its positions have. */
export function selectOrigin(entries: string): string {
  return `SELECT origin = ${originOf(entries)} AS kept, mark FROM ${entries}_dropped`;
}

/** Empties a log that was restored, perhaps at another server, and gives it another mark. */
export function beginAgain(entries: string): string {
  return `WITH moved AS (
    UPDATE ${entries}_dropped SET at = 0, n = 0, origin = ${originOf(entries)}, mark = ${originOf(entries)}
    WHERE origin <> ${originOf(entries)} RETURNING 1
  ) DELETE FROM ${entries}_log WHERE EXISTS (SELECT FROM moved)`;
}

/** The id of the server, which a copy by replication has too, and that of the table, which a restored one has not. */
function originOf(entries: string): string {
  return `(SELECT system_identifier || '/' || '${entries}_log'::regclass::oid FROM pg_control_system())`;
}

/** What drops it, whether it is there or not. */
export function dropLog(entries: string): string {
  return `DROP TABLE IF EXISTS ${entries}_log, ${entries}_dropped;
DROP FUNCTION IF EXISTS ${entries}_record;`;
}

/** Selects the lowest transaction that may still write, as of now. */
export const SELECT_START = 'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS at';

/** Selects the position of the last commit that can be seen. */
export function selectEnd(entries: string): string {
  const last = `(SELECT at, n FROM ${entries}_log ORDER BY at DESC, n DESC LIMIT 1)`;
  const all = `${last} UNION ALL SELECT at, n FROM ${entries}_dropped`;
  return `SELECT at, n FROM (${all}) e ORDER BY at DESC, n DESC LIMIT 1`;
}

/**
 * Selects what follows a position and is complete, each row with the position up to which commits were dropped, and
 * with a transaction above all that have ended.
 */
export function selectAfter(entries: string): string {
  return `SELECT d.at AS dropped_at, d.n AS dropped_n, pg_snapshot_xmax(pg_current_snapshot())::text AS next, l.*
  FROM ${entries}_dropped d LEFT JOIN LATERAL (
    SELECT at, n, changes FROM ${entries}_log
    WHERE (at, n) > ($1, $2) AND at < pg_snapshot_xmin(pg_current_snapshot())::text::int8 ORDER BY at, n LIMIT $3
  ) l ON true`;
}

/** Drops the commits up to a number. */
export function dropUpTo(entries: string): string {
  return `WITH gone AS (DELETE FROM ${entries}_log WHERE n <= $1 RETURNING at, n),
  last AS (SELECT at, n FROM gone ORDER BY at DESC, n DESC LIMIT 1)
  UPDATE ${entries}_dropped d SET at = last.at, n = last.n FROM last WHERE (last.at, last.n) > (d.at, d.n)`;
}

function indexName(entries: string): string {
  return `${entries.slice(entries.indexOf('.') + 1)}_log_n`;
}
