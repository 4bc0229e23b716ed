import type { ComponentChildren } from 'preact';

/** A view of a project: its title under the project's name, what can be done at the side, and the content. */
export function ViewPage(props: {
  readonly project: string;
  readonly title: string;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <main class="page" id="content" tabIndex={-1}>
      <header class="page-header">
        <div>
          <p class="hint">{props.project}</p>
          <h1>{props.title}</h1>
        </div>
        {props.actions}
      </header>
      {props.children}
    </main>
  );
}

/** A part of a view with its own heading. */
export function Section(props: {
  readonly title: string;
  readonly hint?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly isDangerous?: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    <section class={`panel${props.isDangerous === true ? ' dangerous' : ''}`}>
      <header class="page-header">
        <div>
          <h2>{props.title}</h2>
          {props.hint !== undefined && <p class="hint">{props.hint}</p>}
        </div>
        {props.actions}
      </header>
      {props.children}
    </section>
  );
}
