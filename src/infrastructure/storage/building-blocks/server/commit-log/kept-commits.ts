/** At least so many of the latest commits are kept in the log of a store. */
export const KEPT_COMMITS = 50_000;
