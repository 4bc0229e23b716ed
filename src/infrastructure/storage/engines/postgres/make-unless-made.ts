import type { Connections } from './pools.js';

/** What concurrent makers of the same schema may get: it is there then. */
const MADE_MEANWHILE: ReadonlySet<unknown> = new Set(['23505', '42P06', '42P07', '42710', '42723']);

/** Several nodes may do so at the same time. */
export async function makeUnlessMade(server: Connections, selectMade: string, make: string): Promise<void> {
  const [row] = await server.query(selectMade);
  if (row?.made === true) return;
  await server.query(make).catch((error: unknown) => {
    if (!MADE_MEANWHILE.has((error as { code?: unknown }).code)) throw error;
  });
}
