import { useEffect } from 'preact/hooks';
import { about, aboutProblem, loadAbout } from './about.ts';
import { PAGES } from './pages.ts';
import { go, path } from './route.ts';

const follow = (to: string) => (event: MouseEvent) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  go(to);
};

const pagesHere = () => PAGES.filter(({ isLocalOnly }) => !isLocalOnly || about.value?.isLocal);

const Navigation = () => {
  useEffect(
    () =>
      document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }),
    [path.value, about.value],
  );
  return (
    <nav aria-label="Pages">
      <ul>
        {pagesHere().map((page) => (
          <li key={page.path}>
            <a
              href={page.path}
              aria-current={page.path === path.value ? 'page' : undefined}
              onClick={follow(page.path)}
            >
              {page.name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
};

const Place = () => {
  const place = about.value;
  if (place === undefined) return null;
  return (
    <p class="place">
      <strong>{place.name}</strong>
      {!place.isLocal && <span>{place.canChange ? 'changes allowed' : 'read-only'}</span>}
    </p>
  );
};

const Content = () => {
  if (aboutProblem.value !== undefined)
    return (
      <p class="problem" role="alert">
        {aboutProblem.value}
      </p>
    );
  if (about.value === undefined) return null;
  const page = pagesHere().find((one) => one.path === path.value) ?? PAGES[0];
  return <page.Content key={page.path} />;
};

export const App = () => {
  useEffect(() => void loadAbout(), []);
  return (
    <>
      <a class="skip" href="#content">
        To the content
      </a>
      <header class="top">
        <span class="brand">
          <img src="/icon.svg" alt="" width="24" height="24" />
          goim-job
        </span>
        <Navigation />
        <Place />
      </header>
      <main id="content">
        <Content />
      </main>
    </>
  );
};
