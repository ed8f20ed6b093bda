import { mergeRoomsSchema, readConfig } from '../lib/config.ts';

const isHttp = (address: string): boolean => /^https?:/i.test(address);

/** Of a configuration that is right: what a deployer who set a token may not expect, if anything. */
export const noTokenWarning = (environment: NodeJS.ProcessEnv): string | undefined => {
  const config = readConfig(mergeRoomsSchema, environment);
  if ((config.COMET_TOKEN ?? config.COMET_TOKEN_SECRET) === undefined || config.REGISTRY !== 'static')
    return undefined;
  const comets = Object.entries(config.COMETS).filter(([, addresses]) => !addresses.every(isHttp));
  if (comets.length === 0) return undefined;
  const names = comets.map(([id]) => id).join(', ');
  return `The token is sent over HTTP alone, as goim's own wires have no place for it: not to all addresses of ${names}`;
};
