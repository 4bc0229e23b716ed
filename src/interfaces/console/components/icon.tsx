/** Shapes of 20 by 20, drawn with a line of 1.6. */
const SHAPES = {
  add: 'M10 4v12M4 10h12',
  alert: 'M10 3l8 14H2zM10 8v4M10 14.5v.1',
  append: 'M4 5h12M4 9h12M4 13h6M13 13h5M15.500 10.500v5',
  back: 'M12 4l-6 6 6 6',
  check: 'M4 10.5l4 4 8-9',
  clock: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4l2.500 2',
  close: 'M5 5l10 10M15 5L5 15',
  copy: 'M7 7h9v9H7zM4 13V4h9',
  database: 'M4 5.5c0-3.3 12-3.3 12 0s-12 3.3-12 0zM4 5.5v9c0 3.3 12 3.3 12 0v-9M4 10c0 3.3 12 3.3 12 0',
  delete: 'M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6M8.7 9v4.5M11.3 9v4.5',
  docs: 'M5 3h7l3 3v11H5zM8 9h5M8 12h5',
  download: 'M10 3v9M6 9l4 4 4-4M4 16.5h12',
  edit: 'M4 16l.8-3.2L13 4.5l2.5 2.5-8.3 8.2z',
  expand: 'M7 4l6 6-6 6',
  folder: 'M3 5.5h5l1.5 2H17v8H3z',
  home: 'M3.5 9.5L10 4l6.5 5.5M5.5 8.5V16h9V8.5',
  key: 'M9 11a3.5 3.5 0 1 1-2-1.5l8-6M12.5 5.500l2 2',
  list: 'M7 5h10M7 10h10M7 15h10M3.500 5h.1M3.500 10h.1M3.500 15h.1',
  keyboard: 'M2.5 5.5h15v9h-15zM5.5 8.500h.1M8.500 8.500h.1M11.500 8.500h.1M14.500 8.500h.1M6.500 11.500h7',
  live: 'M3 10h3l2-5 4 10 2-5h3',
  lock: 'M5 9h10v8H5zM7 9V6.500a3 3 0 0 1 6 0V9',
  menu: 'M3 6h14M3 10h14M3 14h14',
  more: 'M5 10h.1M10 10h.1M15 10h.1',
  pause: 'M7 5v10M13 5v10',
  play: 'M7 4.5l8 5.5-8 5.5z',
  refresh: 'M16 10a6 6 0 1 1-2-4.500M16 3v3.500h-3.500',
  rename: 'M3 7h9v6H3zM15 4v12M13 4h4M13 16h4',
  search: 'M9 14A5 5 0 1 0 9 4a5 5 0 0 0 0 10zM13 13l4 4',
  server: 'M3.500 4h13v5h-13zM3.500 11h13v5h-13zM6.500 6.500h.1M6.500 13.500h.1',
  settings: 'M4 6h7M15 6h1M4 14h1M9 14h7M13 4v4M7 12v4',
  signOut: 'M8 4H4v12h4M9 10h8M14 7l3 3-3 3',
  theme: 'M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14',
  undo: 'M4 8h8a4 4 0 0 1 0 8H8M7 5L4 8l3 3',
  upload: 'M10 13V4M6 7l4-4 4 4M4 16.5h12',
} as const;

export type IconName = keyof typeof SHAPES;

/** A picture beside words; it says nothing of its own to a screen reader. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={SHAPES[name]} />
    </svg>
  );
}
