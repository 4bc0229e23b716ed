import { signal } from '@preact/signals';
import { toApiError } from '../api/api-error.js';
import { Button } from './button.js';

interface Notice {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly text: string;
  readonly requestId?: string | undefined;
  readonly action?: { readonly label: string; readonly run: () => unknown } | undefined;
}

const notices = signal<readonly Notice[]>([]);
let lastId = 0;

/** Says at the edge of the page that something is done, for some seconds; longer if it can be undone. */
export function notify(text: string, action?: Notice['action']): void {
  show({ kind: 'done', text, action }, action === undefined ? 5000 : 20_000);
}

/** Says what went wrong; stays until it is closed. */
export function notifyError(error: unknown, doing?: string): void {
  const { message, requestId } = toApiError(error);
  show({ kind: 'failed', text: doing === undefined ? message : `${doing}: ${message}`, requestId });
}

function show(notice: Omit<Notice, 'id'>, forMs?: number): void {
  lastId += 1;
  const id = lastId;
  notices.value = [...notices.value.slice(-3), { ...notice, id }];
  if (forMs !== undefined) setTimeout(() => close(id), forMs);
}

function close(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

export function Notices() {
  return (
    <section class="notices" aria-label="Notices">
      <div role="status" aria-live="polite">
        {notices.value.map((notice) => (
          <div key={notice.id} class={`notice ${notice.kind}`}>
            <p>
              {notice.text}
              {notice.requestId !== undefined && <small> Request {notice.requestId}</small>}
            </p>
            {notice.action !== undefined && (
              <Button
                icon="undo"
                onClick={() => {
                  close(notice.id);
                  notice.action?.run();
                }}
              >
                {notice.action.label}
              </Button>
            )}
            <Button icon="close" kind="quiet" label="Close notice" onClick={() => close(notice.id)} />
          </div>
        ))}
      </div>
    </section>
  );
}
