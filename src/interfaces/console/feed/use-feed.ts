import { type ReadonlySignal, signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { projectKeys } from '../session/session.js';
import type { FeedEvent } from './feed-event.js';
import { ProjectFeed } from './project-feed.js';

/** How long a key counts as just changed, how often that is renewed, in ms, and how many keys at most. */
const RECENT = 2_000;
const INTERVAL = 200;
const MOST_KEYS = 500;

const feeds = new Map<string, ProjectFeed>();

/** The feed of a project. It keeps its history while the console is open. */
export function feedOf(project: string): ProjectFeed {
  const feed = feeds.get(project) ?? new ProjectFeed(project);
  feeds.set(project, feed);
  return feed;
}

/** How long a tab may be hidden before its streams end, in ms. */
const HIDDEN = 5_000;
let hiding: ReturnType<typeof setTimeout> | undefined;

/**
 * A browser has six connections to a server for all its tabs, also those that are hidden and pages that it keeps for
 * the way back. With a stream in each, the seventh could load nothing.
 */
export function suspendFeedsWhileHidden(): void {
  const suspend = () => {
    for (const feed of feeds.values()) feed.suspend();
  };
  const resume = () => {
    clearTimeout(hiding);
    for (const feed of feeds.values()) feed.resume();
  };
  addEventListener('pagehide', suspend);
  addEventListener('pageshow', resume);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') resume();
    else hiding = setTimeout(suspend, HIDDEN);
  });
}

/** Calls `onEvent` for every change of the project while the component is shown; never without the scope `watch`. */
export function useChanges(project: string, onEvent: (event: FeedEvent) => void): void {
  const latest = useRef(onEvent);
  latest.current = onEvent;
  const key = projectKeys.value.get(project)?.key;
  // Another key may open what this one could not.
  useEffect(() => feedOf(project).subscribe((event) => latest.current(event)), [project, key]);
}

/** The keys that changed in the last two seconds, to show them in another colour. */
export function useRecentKeys(project: string): ReadonlySignal<ReadonlySet<string>> {
  const recent = useMemo(() => new RecentKeys(), [project]);
  useChanges(project, (event) => {
    if ('key' in event) recent.add(event.key);
  });
  return recent.keys;
}

class RecentKeys {
  readonly keys = signal<ReadonlySet<string>>(new Set());
  readonly #until = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  add(key: string): void {
    this.#until.delete(key);
    this.#until.set(key, Date.now() + RECENT);
    this.#timer ??= setTimeout(() => this.#renew(), INTERVAL);
  }

  #renew(): void {
    const now = Date.now();
    for (const [key, until] of this.#until) {
      if (until > now && this.#until.size <= MOST_KEYS) break;
      this.#until.delete(key);
    }
    this.keys.value = new Set(this.#until.keys());
    this.#timer = this.#until.size === 0 ? undefined : setTimeout(() => this.#renew(), INTERVAL);
  }
}
