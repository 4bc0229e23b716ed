import { otherFence } from '../../../building-blocks/server/other-fence.js';
import type { Connections } from '../pools.js';

/** The code of SQLSTATE for a fence that another move has made. */
const OTHER_FENCE = 'PK004';

/**
 * Has each statement that changes entries fail, by a trigger whose argument is the token. The lock waits for commits
 * that run; those that wait for the lock find the trigger.
 */
export async function fence(server: Connections, schema: string, name: string, token: string): Promise<void> {
  const entries = `${schema}.${name}`;
  try {
    // Several statements at once are one transaction.
    await server.query(`LOCK TABLE ${entries} IN SHARE ROW EXCLUSIVE MODE;
CREATE OR REPLACE FUNCTION ${entries}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN RAISE EXCEPTION SQLSTATE 'PK003' USING MESSAGE = 'its project was moved elsewhere'; END $$;
DO $do$ BEGIN
  IF EXISTS (${selectFence(entries)} AND tgargs <> ${argumentOf(token)}) THEN
    RAISE EXCEPTION SQLSTATE '${OTHER_FENCE}';
  ELSIF NOT EXISTS (${selectFence(entries)}) THEN
    CREATE TRIGGER fence BEFORE INSERT OR UPDATE OR DELETE ON ${entries} FOR EACH STATEMENT
      EXECUTE FUNCTION ${entries}_refuse('${token.replaceAll("'", "''")}');
  END IF;
END $do$;`);
  } catch (error) {
    throw (error as { code?: unknown }).code === OTHER_FENCE ? otherFence(entries) : error;
  }
}

export async function fencedBy(server: Connections, schema: string, name: string): Promise<string | undefined> {
  const [row] = await server.query(selectFence(`${schema}.${name}`, 'tgargs'));
  // Each argument ends with a zero.
  return row === undefined ? undefined : (row.tgargs as Buffer).toString().replace('\0', '');
}

export async function unfence(server: Connections, schema: string, name: string, token: string): Promise<void> {
  const entries = `${schema}.${name}`;
  // What takes it away locks the table, whether it is there or not.
  if ((await fencedBy(server, schema, name)) !== token) return;
  await server.query(`LOCK TABLE ${entries} IN ACCESS EXCLUSIVE MODE;
DO $do$ BEGIN
  IF EXISTS (${selectFence(entries)} AND tgargs = ${argumentOf(token)}) THEN DROP TRIGGER fence ON ${entries}; END IF;
END $do$;`);
}

function selectFence(entries: string, columns = ''): string {
  return `SELECT ${columns} FROM pg_trigger WHERE tgrelid = to_regclass('${entries}') AND tgname = 'fence'`;
}

/** As the trigger has it; nothing for an empty token, as an earlier PortKV made it. */
function argumentOf(token: string): string {
  return `'\\x${token === '' ? '' : Buffer.from(`${token}\0`).toString('hex')}'::bytea`;
}
