import { type TableRequest, tablesOf } from './wire.ts';

export type TableFaultKind =
  | 'throttle'
  | 'error'
  /** No answer, and nothing done. */
  | 'unanswered'
  /** Done, but no answer. */
  | 'done-unanswered'
  /** Of a batch, a part is left undone. */
  | 'unprocessed'
  /** Done later. */
  | 'late'
  /** Done at once, answered later. */
  | 'late-answer'
  /** Its sandbox dies, and nothing is done. */
  | 'kill-before'
  /** It is done, and its sandbox dies. */
  | 'kill-after';

export interface TableFault {
  readonly kind: TableFaultKind;
  /** Ends of tables' names, such as `behind`; all if absent. */
  readonly tables?: readonly string[];
  readonly operations?: readonly string[];
  readonly functions?: readonly string[];
  /** Requests that it meets. */
  readonly times: number;
  readonly lateMs?: number;
  readonly onHit?: (nth: number) => void;
}

export interface TableFaults {
  /** Until it has met so many requests, or all are lifted. */
  inject(fault: TableFault): void;
  /** The fault of this request, counted. */
  take(request: TableRequest): TableFault | undefined;
  liftAll(): void;
}

const isIn = (list: readonly string[] | undefined, text: string): boolean =>
  list === undefined || list.includes(text);

const functionOf = (sandbox: string): string => sandbox.replace(/-\d+$/, '');

const meets = (fault: TableFault, request: TableRequest): boolean =>
  isIn(fault.operations, request.operation) &&
  isIn(fault.functions, functionOf(request.sandbox)) &&
  (fault.kind !== 'unprocessed' || request.operation.startsWith('Batch')) &&
  (fault.tables === undefined ||
    tablesOf(request.body).some((table) => fault.tables?.some((end) => table.endsWith(`-${end}`))));

export const createTableFaults = (): TableFaults => {
  const active = new Map<TableFault, number>();
  return {
    inject: (fault) => {
      active.set(fault, 0);
    },
    take: (request) => {
      const found = [...active].find(([fault]) => meets(fault, request));
      if (found === undefined) return undefined;
      const [fault, hits] = found;
      if (hits + 1 >= fault.times) active.delete(fault);
      else active.set(fault, hits + 1);
      fault.onHit?.(hits + 1);
      return fault;
    },
    liftAll: () => active.clear(),
  };
};
