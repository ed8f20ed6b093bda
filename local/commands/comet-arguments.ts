import { parseArgs } from 'node:util';
import { COMET_FAULTS, type CometFault } from '../topic/server.ts';
import { topicPortOf, UsageError } from './push-arguments.ts';

export interface FaultArguments {
  readonly fault: CometFault;
  readonly comet: string;
  readonly topicPort: number;
}

const parse = (args: readonly string[]) => {
  try {
    const options = { 'port-base': { type: 'string' }, help: { type: 'boolean' } } as const;
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'the arguments are wrong');
  }
};

/** Undefined: help is asked for. Throws a `UsageError`. */
export const readFaultArguments = (args: readonly string[]): FaultArguments | undefined => {
  const { values, positionals } = parse(args);
  if (values.help === true) return undefined;
  const [what, comet, ...more] = positionals;
  const fault = COMET_FAULTS.find((one) => one === what);
  if (fault === undefined) throw new UsageError(`say ${COMET_FAULTS.join(', ')} and the comet`);
  if (comet === undefined || more.length > 0) throw new UsageError(`name one comet: ${fault} comet-1`);
  return { fault, comet, topicPort: topicPortOf(values['port-base']) };
};
