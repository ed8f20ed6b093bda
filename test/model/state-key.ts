import { bitOf, type Call, pidOf, type Run } from './calls.ts';
import type { Scenario } from './scenario.ts';
import { callPids, type Floating, type Partition, type Process, type State, tablePids } from './state.ts';

const bitCount = (bits: number): number => {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count += 1;
  return count;
};

/** A name that no table holds: it will never be there again, whichever it is. */
const DEAD = '-';

const namesOf = (call: Call): string[] => {
  switch (call.kind) {
    case 'raise':
    case 'removeMark':
      return [call.mark.token];
    case 'put':
    case 'removeRuns':
      return call.runs.map(({ key }) => key);
    case 'rewrite':
      return [call.run.key];
    case 'readMarks':
    case 'readMark':
    case 'readRuns':
    case 'deliver':
    case 'sleep':
      return [];
  }
};

const withoutNames = (key: string, value: unknown): unknown =>
  key === 'key' || key === 'token' ? undefined : value;

/** Who gave a name that is in a table or may yet get there: a bit each. */
const alivePids = ({ partitions, processes, floating }: State): number => {
  let alive = 0;
  for (const { mark, runs, before } of partitions) {
    alive |= tablePids(mark, runs) | (before ? tablePids(before.mark, before.runs) : 0);
  }
  for (const { pid } of processes) alive |= bitOf(pid);
  for (const { call } of floating) alive |= callPids(call);
  return alive;
};

/**
 * The same text for states that nothing tells apart. Random names stand for themselves by the rank of who gave them, which
 * keeps their order; one that was deleted can only be compared in vain.
 */
export const createStateKey = ({ broken }: Scenario): ((state: State) => string) => {
  const isKept = ({ partitions }: State, name: string): boolean =>
    broken !== undefined ||
    partitions.some(({ mark, runs }) => mark?.token === name || runs.some(({ key }) => key === name));

  return (state) => {
    const alive = alivePids(state);
    const rankOf = (pid: number): number => bitCount(alive & ((1 << pid) - 1));
    const nameText = (name: string): string => {
      const pid = pidOf(name);
      return pid < 0 ? name : `${rankOf(pid)}${name.slice(name.lastIndexOf('.'))}`;
    };
    const heldName = (name: string): string => (isKept(state, name) ? nameText(name) : DEAD);

    const runText = ({ key, offsets, replayed }: Run): string =>
      `${key[19]}${replayed ? 'r' : ''}#${nameText(key)}:${offsets.join('.')}`;
    const tableText = ({ mark, runs }: Pick<Partition, 'mark' | 'runs'>): string =>
      `${mark ? `${mark.through}:${nameText(mark.token)}` : ''},${runs.map(runText).join(';')}`;
    const partitionText = (partition: Partition): string => {
      const { committed, delivered, before } = partition;
      return `${committed},${delivered},${tableText(partition)}${before ? tableText(before) : ''}`;
    };
    const processText = ({ isZombie, end, pid, place, landed }: Process): string => {
      const parts = landed.size === 0 ? '' : [...landed].map(([call, bits]) => `${call}=${bits}`).join();
      const names = place.names.map(heldName).join(';');
      return `${isZombie ? 'z' : ''}${pid < 0 ? '' : rankOf(pid)}${end}.${place.shape}.${names}${parts}`;
    };
    const floatingText = ({ call, landed }: Floating): string => {
      const isOwn = call.kind === 'put' || call.kind === 'raise';
      const names = namesOf(call).map(isOwn ? nameText : heldName);
      if (!isOwn && names.every((name) => name === DEAD)) return '';
      return `${JSON.stringify(call, withoutNames)}${landed}${names.join(';')}`;
    };

    const { partitions, isUp, flips, faults, isReplayed, processes, floating } = state;
    const running = processes.map(processText).sort().join();
    const late = floating.map(floatingText).sort().join('');
    const budget = `${isUp ? 1 : 0}${flips}${faults}${isReplayed ? 1 : 0}`;
    return `${partitions.map(partitionText).join('/')}|${budget}|${running}|${late}`;
  };
};
