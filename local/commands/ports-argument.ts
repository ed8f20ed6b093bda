import { type Ports, portsFrom } from '../ports.ts';
import { UsageError } from './arguments.ts';

/** Of `--port-base`; throws a `UsageError`. */
export const readPorts = (base: string | undefined): Ports => {
  try {
    return portsFrom(base);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : '--port-base is wrong');
  }
};
