import { useRef, useState } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Icon } from '../../components/icon.js';
import { count, plural } from '../../formats/quantity.js';
import { duration } from '../../formats/time.js';
import { ProgressBar } from '../../forms/progress-bar.js';
import { engineTitle } from '../parts/engines.js';
import { Section } from '../parts/view-page.js';
import type { Migration } from './migration.js';
import { mayGoBack, RollBackDialog } from './roll-back-dialog.js';

/** How far a move is, and what it took when it is done. */
export function MigrationProgress(props: {
  readonly migration: Migration;
  readonly isLast: boolean;
  readonly keepOldFor: string | undefined;
  readonly onChanged: () => Promise<void>;
}) {
  const { migration, onChanged } = props;
  const [isAsked, setAsked] = useState(false);
  const canGoBack = props.isLast && mayGoBack(migration, props.keepOldFor);
  return (
    <Section title={titleOf(migration)}>
      <div aria-live="polite" class="form">
        {migration.state === 'copying' && <Copying migration={migration} />}
        {migration.state === 'done' && <Done migration={migration} />}
        {migration.state === 'failed' && (
          <div class="error-box">
            <Icon name="alert" />
            <div>
              <p class="message">{migration.error ?? 'The move failed.'}</p>
              <p>The data stayed where it was, and nothing was lost. Mend the cause and start the move again.</p>
            </div>
          </div>
        )}
        {migration.kept !== undefined && (
          <p class="hint">Damaged files were put aside in the data folder: {migration.kept.join(', ')}</p>
        )}
      </div>
      {canGoBack && (
        <div class="row wrap">
          <Button icon="undo" onClick={() => setAsked(true)}>
            Go back to {engineTitle(migration.from)}
          </Button>
          <span class="hint">Possible while the old copy is kept and nothing was written since.</span>
        </div>
      )}
      {isAsked && <RollBackDialog migration={migration} onDone={onChanged} onClose={() => setAsked(false)} />}
    </Section>
  );
}

function titleOf({ from, to, state, rolled_back }: Migration): string {
  const way = from === to ? 'Encrypting again' : `${engineTitle(from)} → ${engineTitle(to)}`;
  if (rolled_back) return `${way}: taken back`;
  if (state === 'copying') return from === to ? way : `Moving: ${way}`;
  return state === 'done' ? `${way}: done` : `${way}: failed`;
}

function Copying({ migration: { copied, total, started_at } }: { readonly migration: Migration }) {
  const rate = useRate(copied);
  const part = copied === null || !total ? undefined : copied / total;
  const left = rate && total && copied !== null ? (total - copied) / rate : undefined;
  return (
    <>
      <ProgressBar label="Entries copied" part={part} />
      <p class="figures">
        {copied !== null && total !== null && (
          <span>
            {count(copied)} of {plural(total, 'entry', 'entries')}
          </span>
        )}
        {rate !== undefined && <span>{count(Math.round(rate))} entries a second</span>}
        {left !== undefined && left >= 1 && <span>about {duration(left)} left</span>}
        <span>for {duration(Math.max(0, Date.now() / 1000 - started_at))}</span>
      </p>
    </>
  );
}

/** Entries a second since the first look. */
function useRate(copied: number | null): number | undefined {
  const first = useRef<{ readonly at: number; readonly copied: number } | undefined>(undefined);
  if (copied === null) return undefined;
  first.current ??= { at: performance.now(), copied };
  const seconds = (performance.now() - first.current.at) / 1000;
  const more = copied - first.current.copied;
  return seconds > 0.2 && more > 0 ? more / seconds : undefined;
}

function Done({ migration }: { readonly migration: Migration }) {
  const { copied, started_at, finished_at, pause_ms } = migration;
  const seconds = finished_at === undefined ? undefined : finished_at - started_at;
  return (
    <dl class="move-facts">
      {copied !== null && <Fact name="Entries" text={count(copied)} />}
      {seconds !== undefined && (
        <Fact name="Time" text={seconds < 1 ? `${Math.round(seconds * 1000)} ms` : duration(seconds)} />
      )}
      {seconds !== undefined && seconds > 0 && copied !== null && copied > 0 && (
        <Fact name="Rate" text={`${count(Math.round(copied / seconds))} entries a second`} />
      )}
      {pause_ms !== undefined && <Fact name="Longest pause of a writer" text={`${pause_ms.toFixed(1)} ms`} />}
    </dl>
  );
}

function Fact({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </div>
  );
}
