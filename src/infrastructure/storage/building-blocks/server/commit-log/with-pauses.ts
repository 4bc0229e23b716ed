/** What an iterator yields, and undefined whenever it has yielded nothing for so many ms. */
export async function* withPauses<T>(values: AsyncIterator<T>, ms: number): AsyncGenerator<T | undefined> {
  for (;;) {
    const next = values.next();
    let isSettled = false;
    let wake: () => void = () => undefined;
    const settle = () => {
      isSettled = true;
      wake();
    };
    // One reaction to each promise, however often it is waited for: a race would leave one more each time.
    next.then(settle, settle);
    while (!isSettled) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (!isSettled) yield undefined;
    }
    const { done, value } = await next;
    if (done) return;
    yield value;
  }
}
