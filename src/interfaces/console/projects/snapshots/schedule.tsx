import { useState } from 'preact/hooks';
import { dataOf } from '../../api/client.js';
import { Button } from '../../components/button.js';
import { Field } from '../../components/field.js';
import { notify } from '../../components/notices.js';
import { useDraft } from '../../forms/drafts.js';
import { Failure } from '../../forms/failure.js';
import { type Problems, problemAt, problemsOf } from '../../forms/problems.js';
import { useAction } from '../../forms/use-action.js';
import { useLoaded } from '../../forms/use-loaded.js';
import { adminApi } from '../../session/session.js';
import { Section } from '../parts/view-page.js';

interface Fields {
  readonly every: string;
  readonly keep: string;
}

/** How often a snapshot is taken without being asked for. */
export function Schedule({ project, onSaved }: { readonly project: string; readonly onSaved: () => Promise<void> }) {
  const settings = useLoaded(
    () => dataOf(adminApi(project).GET('/api/v1/projects/{project}', { params: { path: { project } } })),
    [project],
  );
  if (settings.value === undefined) return <Failure error={settings.error} onRetry={settings.reload} />;
  const { snapshots } = settings.value.storage;
  const saved = { every: snapshots?.every ?? '', keep: String(snapshots?.keep ?? 10) };
  const reload = async () => {
    await Promise.all([settings.reload(), onSaved()]);
  };
  return <ScheduleForm project={project} saved={saved} onSaved={reload} />;
}

function ScheduleForm(props: {
  readonly project: string;
  readonly saved: Fields;
  readonly onSaved: () => Promise<void>;
}) {
  const { project, saved, onSaved } = props;
  const { value, change, forget, isChanged } = useDraft(`schedule ${project}`, saved);
  const [isTried, setTried] = useState(false);
  const isOn = saved.every !== '';
  const save = useAction(async (snapshots: object | null) => {
    await dataOf(
      adminApi(project).PUT('/api/v1/projects/{project}', {
        params: { path: { project } },
        body: { storage: { snapshots } } as never,
      }),
    );
    setTried(false);
    await onSaved();
    forget();
    notify(snapshots === null ? 'No snapshots are taken on their own any more.' : 'The schedule is saved.');
  });
  const problems = { ...problemsOf(save.error), ...(isTried ? problemsIn(value) : {}) };
  const submit = () => {
    setTried(true);
    if (Object.keys(problemsIn(value)).length > 0) return;
    void save.run({ every: value.every.replaceAll(' ', ''), keep: Number(value.keep) });
  };
  return (
    <Section
      title="Schedule"
      hint={
        isOn
          ? `A snapshot every ${saved.every}; the last ${saved.keep} are kept.`
          : 'No snapshots are taken on their own.'
      }
    >
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div class="columns">
          <Field
            label="Take one every"
            placeholder="6h"
            value={value.every}
            onInput={(every) => change({ every })}
            hint="A number and s, m, h, d or w, such as 6h or 1d."
            problem={problemAt(problems, 'storage.snapshots.every')}
          />
          <Field
            label="Keep the last"
            value={value.keep}
            onInput={(keep) => change({ keep })}
            hint="Those taken by hand do not count, and stay."
            problem={problemAt(problems, 'storage.snapshots.keep')}
          />
        </div>
        <Failure error={save.error} />
        <div class="row wrap">
          <Button type="submit" kind={isChanged ? 'primary' : 'plain'} isBusy={save.isBusy} isDisabled={!isChanged}>
            Save the schedule
          </Button>
          {isOn && (
            <Button isDisabled={save.isBusy} onClick={() => save.run(null)}>
              Turn it off
            </Button>
          )}
        </div>
      </form>
    </Section>
  );
}

function problemsIn({ every, keep }: Fields): Problems {
  const isInterval = /^\d{1,6}[smhdw]$/.test(every.replaceAll(' ', ''));
  return {
    ...(isInterval ? {} : { 'storage.snapshots.every': 'use a number and s, m, h, d or w, such as 6h' }),
    ...(/^[1-9]\d*$/.test(keep) ? {} : { 'storage.snapshots.keep': 'use a whole number of at least 1' }),
  };
}
