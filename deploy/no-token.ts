import type * as v from 'valibot';
import { mergeRoomsSchema, readConfig } from '../lib/config.ts';

const isHttp = (address: string): boolean => /^https?:/i.test(address);

/** Who has an address of another kind; of a table nothing is known yet, and discovery has goim's own comets. */
const calledWithout = (config: v.InferOutput<typeof mergeRoomsSchema>): string => {
  switch (config.REGISTRY) {
    case 'static': {
      const comets = Object.entries(config.COMETS).filter(([, addresses]) => !addresses.every(isHttp));
      return comets.length === 0 ? '' : `all addresses of ${comets.map(([id]) => id).join(', ')}`;
    }
    case 'table':
      return '';
    case 'discovery':
      return 'comets that discovery names with grpc://';
  }
};

/** Of a configuration that is right: what a deployer who set a token may not expect, if anything. */
export const noTokenWarning = (environment: NodeJS.ProcessEnv): string | undefined => {
  const config = readConfig(mergeRoomsSchema, environment);
  if ((config.COMET_TOKEN ?? config.COMET_TOKEN_SECRET) === undefined) return undefined;
  const names = calledWithout(config);
  if (names === '') return undefined;
  return `The token is sent over HTTP alone, as goim's own wires have no place for it: not to ${names}`;
};
