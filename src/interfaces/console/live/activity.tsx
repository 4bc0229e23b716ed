import { useEffect, useState } from 'preact/hooks';
import { COUNTED_SECONDS, type FeedHistory } from '../feed/feed-history.js';
import { count, plural } from '../formats/quantity.js';

const HEIGHT = 40;

/** Changes a second in the last minute, as bars. */
export function Activity({ history }: { readonly history: FeedHistory }) {
  const [, setNow] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const counts = history.revision.value >= 0 ? history.counts() : [];
  const total = counts.reduce((sum, one) => sum + one, 0);
  const most = Math.max(...counts);
  const scale = Math.max(most, 4);
  const text = `${plural(total, 'change')} in the last minute`;
  return (
    <figure class="activity">
      <figcaption>
        <strong>{count(total)}</strong>
        <span>{`${total === 1 ? 'change' : 'changes'} in the last minute`}</span>
        <span class="most">{most > 0 ? `at most ${count(most)} in a second` : ''}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${COUNTED_SECONDS * 4} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${text}, at most ${most} in a second`}
      >
        {counts.map((one, i) => {
          const height = one === 0 ? 1 : Math.max(2, (one / scale) * HEIGHT);
          return <rect key={i} class={one > 0 ? 'some' : ''} x={i * 4} y={HEIGHT - height} width="3" height={height} />;
        })}
      </svg>
    </figure>
  );
}
