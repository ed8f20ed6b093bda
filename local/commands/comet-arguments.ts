import { COMET_FAULTS, type CometFault } from '../topic/server.ts';
import { readArguments, UsageError } from './arguments.ts';
import { readPorts } from './ports-argument.ts';

export interface FaultArguments {
  readonly fault: CometFault;
  readonly comet: string;
  readonly topicPort: number;
}

/** Throws a `UsageError`. */
export const readFaultArguments = (args: readonly string[]): FaultArguments => {
  const { values, positionals } = readArguments(args, { 'port-base': { type: 'string' } }, true);
  const [what, comet, ...more] = positionals;
  const fault = COMET_FAULTS.find((one) => one === what);
  if (fault === undefined) throw new UsageError(`say ${COMET_FAULTS.join(', ')} and the comet`);
  if (comet === undefined || more.length > 0) throw new UsageError(`name one comet: ${fault} comet-1`);
  return { fault, comet, topicPort: readPorts(values['port-base']).topic };
};
