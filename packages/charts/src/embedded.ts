import { mount } from './live.ts';
import { readingText } from './read.ts';
import type { ChartSpec } from './spec.ts';

/**
 * The script of self-contained pages (`figure.ts`): brings each of their charts to life. The build bundles it to one
 * file.
 */
const specs = JSON.parse(document.getElementById('charts')?.textContent ?? '{}') as Record<string, ChartSpec>;
for (const place of document.querySelectorAll<HTMLElement>('[data-chart]')) {
  const spec = specs[place.dataset.chart ?? ''];
  const read = place.parentElement?.querySelector<HTMLElement>('.read');
  if (!spec) continue;
  const hint = read?.textContent ?? '';
  const onRead: NonNullable<Parameters<typeof mount>[2]>['onRead'] = (reading, by) => {
    if (!read) return;
    if (by === 'keyboard') read.setAttribute('aria-live', 'polite');
    else read.removeAttribute('aria-live');
    read.textContent = reading ? readingText(reading, spec.x.label) : hint;
  };
  place.setAttribute('role', 'group');
  place.setAttribute('aria-label', `${spec.title}: arrow keys read its values`);
  mount(place, spec, { onRead });
}
