/** How much is done of a whole; without a number, that it goes on. */
export function ProgressBar({ label, part }: { readonly label: string; readonly part: number | undefined }) {
  return part === undefined ? (
    <progress class="progress" aria-label={label} />
  ) : (
    <progress class="progress" aria-label={label} max={1} value={Math.min(1, part)} />
  );
}
