import type { Check } from '../check.ts';
import type { Answer } from '../http.ts';

const isReadable = ({ headers }: Answer): boolean => {
  const { 'retry-after': said = '0' } = headers;
  return /^\d+$/.test(said) || !Number.isNaN(Date.parse(said));
};

/** 429 and 503. */
export const busyChecks: readonly Check[] = [
  {
    id: 'retry-after',
    says: 'Retry-After of a 429 or 503 is a number of seconds or a date of HTTP',
    run: async ({ busy }) => {
      if (busy.length === 0) return 'it never said 429 or 503';
      const odd = busy.find((answer) => !isReadable(answer));
      return odd === undefined
        ? undefined
        : {
            sent: 'any request',
            came: `${odd.status}, Retry-After: ${odd.headers['retry-after']}`,
            wanted: 'Retry-After: 2',
          };
    },
  },
];
