import { EmptyState } from '../components/empty-state.js';
import { addressOf } from '../routing/addresses.js';

export function NotFound() {
  return (
    <main class="page">
      <EmptyState icon="search" title="There is no view at this address">
        <p>
          <a href={addressOf('')}>Go to the start</a>
        </p>
      </EmptyState>
    </main>
  );
}
