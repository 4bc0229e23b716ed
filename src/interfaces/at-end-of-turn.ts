type Task = () => void;

let waiting = new Set<Task>();

/**
 * Runs the task when the events that have arrived are handled, once however often it was asked for. What is sent to
 * many clients then comes at once: a client that waits is woken for several responses, which takes the kernel longer
 * than to send one.
 */
export function atEndOfTurn(task: Task): void {
  waiting.add(task);
  if (waiting.size === 1) setImmediate(runWaiting);
}

function runWaiting(): void {
  const tasks = waiting;
  waiting = new Set();
  for (const task of tasks) task();
}
