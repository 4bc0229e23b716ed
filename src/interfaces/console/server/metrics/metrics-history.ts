import { effect, signal } from '@preact/signals';
import { fetched } from '../../api/client.js';
import { systemApi, systemKey } from '../../session/session.js';
import { type Measurement, measurementOf } from './measurement.js';

/** How often the server is asked, in ms; the second time sooner, so that there are rates at once. */
const INTERVAL = 5_000;
const FIRST_INTERVAL = 1_000;
/** An hour. */
const MOST = 720;

/** What the server counted in the last hour, as far as the console was open; earliest first. */
export const history = signal<readonly Measurement[]>([]);

/** Why the server could not be asked the last time. */
export const historyProblem = signal<unknown>(undefined);

let timer: ReturnType<typeof setTimeout> | undefined;

/** Asks the server from now on, until the system key is forgotten; not while the tab is hidden. */
export function keepHistory(): void {
  if (timer === undefined) void measure();
}

async function measure(): Promise<void> {
  timer = setTimeout(() => void measure(), history.value.length < 2 ? FIRST_INTERVAL : INTERVAL);
  if (document.hidden || systemKey.value === undefined) return;
  try {
    const { body } = await fetched(systemApi().GET('/metrics', { parseAs: 'text' }));
    history.value = [...history.value.slice(1 - MOST), measurementOf(body as string, Date.now())];
    historyProblem.value = undefined;
  } catch (error) {
    historyProblem.value = error;
  }
}

effect(() => {
  if (systemKey.value !== undefined) return;
  clearTimeout(timer);
  timer = undefined;
  history.value = [];
});
