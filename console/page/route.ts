import { signal } from '@preact/signals';

export const path = signal(location.pathname);

addEventListener('popstate', () => {
  path.value = location.pathname;
});

export const go = (to: string): void => {
  if (to !== location.pathname) history.pushState(null, '', to);
  path.value = to;
  scrollTo(0, 0);
};
