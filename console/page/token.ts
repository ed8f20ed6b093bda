const KEY = 'console-token';

/** From the page, or from the address that the command printed, which keeps it no longer than that. */
const find = (): string => {
  const inPage = document.querySelector('meta[name=console-token]')?.getAttribute('content');
  if (inPage) return inPage;
  const inAddress = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (inAddress === undefined) return sessionStorage.getItem(KEY) ?? '';
  sessionStorage.setItem(KEY, inAddress);
  history.replaceState(null, '', location.pathname);
  return inAddress;
};

export const token = find();
