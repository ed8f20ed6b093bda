import type { InvokeFault, InvokeRequest } from '../../local/invoke-api/server.ts';

export interface PlannedInvokeFault {
  readonly functionName: string;
  readonly fault: InvokeFault;
  readonly times: number;
  readonly onHit: (nth: number) => void;
}

/** Faults of the next Invokes of a function. */
export const createInvokeFaults = () => {
  const waiting: (PlannedInvokeFault & { hits: number })[] = [];
  return {
    inject: (fault: PlannedInvokeFault): void => {
      waiting.push({ ...fault, hits: 0 });
    },
    take: ({ functionName }: InvokeRequest): InvokeFault | undefined => {
      const at = waiting.findIndex((planned) => functionName.endsWith(`-${planned.functionName}`));
      const planned = waiting[at];
      if (planned === undefined) return undefined;
      planned.hits += 1;
      planned.onHit(planned.hits);
      if (planned.hits >= planned.times) waiting.splice(at, 1);
      return planned.fault;
    },
    liftAll: (): void => {
      waiting.length = 0;
    },
  };
};
