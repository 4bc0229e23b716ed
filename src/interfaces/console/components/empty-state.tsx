import type { ComponentChildren } from 'preact';
import { CopyButton } from './copy-button.js';
import { Icon, type IconName } from './icon.js';

/** Says what is missing here and what to do next, with a command line that does it. */
export function EmptyState(props: {
  readonly icon: IconName;
  readonly title: string;
  readonly command?: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty-state">
      <Icon name={props.icon} />
      <h2>{props.title}</h2>
      {props.children}
      {props.command !== undefined && <CommandLine text={props.command} />}
    </div>
  );
}

export function CommandLine({ text }: { readonly text: string }) {
  return (
    <div class="command-line">
      <pre>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} label="Copy the command" />
    </div>
  );
}
