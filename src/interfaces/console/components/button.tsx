import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.js';

interface ButtonProps {
  readonly icon?: IconName;
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  /** The name of a button that shows only its icon. */
  readonly label?: string;
  readonly isBusy?: boolean;
  readonly isDisabled?: boolean;
  readonly type?: 'button' | 'submit';
  /** The key that does the same. */
  readonly shortcut?: string;
  readonly hasMenu?: boolean;
  readonly isExpanded?: boolean;
  readonly onClick?: (event: MouseEvent) => void;
  readonly children?: ComponentChildren;
}

export function Button(props: ButtonProps) {
  const { icon, kind = 'plain', label, isBusy, isDisabled, type = 'button', shortcut, onClick, children } = props;
  return (
    <button
      type={type}
      class={`button ${kind}${children === undefined ? ' only-icon' : ''}`}
      aria-label={label}
      title={shortcut === undefined ? label : `${label ?? 'Key'}: ${shortcut}`}
      aria-keyshortcuts={shortcut}
      aria-busy={isBusy}
      aria-haspopup={props.hasMenu ? 'menu' : undefined}
      aria-expanded={props.isExpanded}
      disabled={isDisabled || isBusy}
      onClick={onClick}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}
