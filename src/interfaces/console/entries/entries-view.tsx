export function EntriesView({ project }: { readonly project: string }) {
  return (
    <main class="page" id="content" tabIndex={-1}>
      <h1>{project}</h1>
    </main>
  );
}
