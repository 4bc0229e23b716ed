import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { visible } from '../formats/visible.js';
import type { ProjectView } from '../views.js';

/** A view of a project under its heading. */
export function ProjectPage({ project, view }: { readonly project: string; readonly view: ProjectView }) {
  const View = view.component;
  const { key } = useLocation().query;
  // The entry that is open, for those who look for it among their tabs or in the history.
  const name = key === undefined || key === '' ? view.label : visible(key);
  useEffect(() => {
    document.title = `${name} · ${project} · PortKV`;
  }, [project, name]);
  return <View key={project} project={project} />;
}
