/** Resolves after `ms`. An unreferenced timer does not keep the process alive. */
export function sleep(ms: number, { ref = true } = {}): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    if (!ref) timer.unref();
  });
}
