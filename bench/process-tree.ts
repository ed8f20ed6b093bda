import { readdirSync, readFileSync } from 'node:fs';

/** A process and all that it has started, by Linux's /proc. */
export interface TreeUse {
  /** User and system time of all threads, those that have ended too. */
  readonly cpuMs: number;
  readonly rssBytes: number;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html; a tick is 10 ms and a page 4 KiB on each Linux that Node has builds for. */
const TICK_MS = 10;
const PAGE_BYTES = 4096;
const PARENT = 1;
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
const RSS_PAGES = 21;

/** From its state on: the name before that may have anything in it. Undefined: it has ended. */
const statOf = (pid: string): readonly number[] | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
  } catch {
    return undefined;
  }
};

export const treeUse = (root: number): TreeUse => {
  const stats = new Map<number, readonly number[]>();
  for (const pid of readdirSync('/proc')) {
    const stat = /^\d+$/.test(pid) ? statOf(pid) : undefined;
    if (stat !== undefined) stats.set(Number(pid), stat);
  }
  const isOfTree = (pid: number): boolean =>
    pid === root || (pid > 1 && isOfTree(stats.get(pid)?.[PARENT] ?? 0));
  const own = [...stats].filter(([pid]) => isOfTree(pid)).map(([, stat]) => stat);
  const sum = (field: number): number => own.reduce((total, stat) => total + (stat[field] ?? 0), 0);
  return {
    cpuMs: (sum(USER_TICKS) + sum(SYSTEM_TICKS)) * TICK_MS,
    rssBytes: sum(RSS_PAGES) * PAGE_BYTES,
  };
};
