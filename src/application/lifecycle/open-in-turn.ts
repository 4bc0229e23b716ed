/** How many projects are opened at the same time at a start. */
const AT_ONCE = 8;

/**
 * Calls `open`, which must not reject, for each project, a few at a time, and lets other work run between two of them.
 */
export async function openInTurn(projects: readonly string[], open: (project: string) => Promise<void>): Promise<void> {
  const left = projects.values();
  const worker = async () => {
    for (const project of left) {
      await open(project);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
