import { connect } from 'node:net';

/** What is leaked on purpose, to see that the soak sees it. */
export type Leak = 'heap' | 'timers' | 'sockets';

const EVERY_MS = 1_000;
const BYTES = 300_000;

/** So much more each second. */
export const startLeak = (leak: Leak, port: number): void => {
  const kept: unknown[] = [];
  const more = (): unknown => {
    switch (leak) {
      case 'heap':
        return Array.from({ length: BYTES / 8 }, (_, index) => index + 0.5);
      case 'timers':
        return setInterval(() => {}, 1_000_000);
      case 'sockets':
        return connect(port, '127.0.0.1');
    }
  };
  setInterval(() => kept.push(more()), EVERY_MS);
};
