import { useEffect } from 'preact/hooks';
import type { ProjectView } from '../views.js';

/** A view of a project under its heading. */
export function ProjectPage({ project, view }: { readonly project: string; readonly view: ProjectView }) {
  const View = view.component;
  useEffect(() => {
    document.title = `${view.label} · ${project} · PortKV`;
  }, [project, view.label]);
  return <View key={project} project={project} />;
}
