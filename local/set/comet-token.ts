import { readFileSync } from 'node:fs';

/** What the reference comets ask for: the same that the functions are given. A file may change at any time. */
export const cometToken = (): (() => string) | undefined => {
  const { COMET_TOKEN = '', COMET_TOKEN_SECRET = '' } = process.env;
  if (COMET_TOKEN_SECRET !== '') return () => readFileSync(COMET_TOKEN_SECRET, 'utf8').trim();
  return COMET_TOKEN === '' ? undefined : () => COMET_TOKEN;
};
