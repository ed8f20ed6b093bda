import { UsageError } from '../local/commands/arguments.ts';
import { readPorts } from '../local/commands/ports-argument.ts';

/** Whose tables and functions: a stage's in AWS, or, if there are ports, the local set's. */
export interface Place {
  readonly stage: string;
  readonly ports?: { readonly topic: number; readonly tables: number; readonly lambda: number };
}

/** Options of every command that works on a place. */
export const PLACE_OPTIONS = {
  stage: { type: 'string', default: 'dev' },
  local: { type: 'boolean', default: false },
  'port-base': { type: 'string' },
} as const;

interface PlaceValues {
  readonly stage: string;
  readonly local: boolean;
  readonly 'port-base'?: string | undefined;
}

/** A part of the tables' names. */
export const stageOf = (stage: string): string => {
  if (!/^[\w-]+$/.test(stage)) throw new UsageError('--stage is not a name');
  return stage;
};

/** Throws a `UsageError`. */
export const placeOf = (values: PlaceValues): Place => {
  const stage = stageOf(values.stage);
  const base = values['port-base'];
  if (!values.local) {
    if (base !== undefined) throw new UsageError('--port-base goes with --local only');
    return { stage };
  }
  const { topic, tables, lambda } = readPorts(base);
  return { stage, ports: { topic, tables, lambda } };
};
