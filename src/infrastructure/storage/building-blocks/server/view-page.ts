/** What a page of a view holds at most, except for a single larger value. */
export const VIEW_PAGE = { limit: 500, bytes: 1024 * 1024 };
