import { deliverSchema, readConfig } from '../lib/config.ts';
import { createDeliver, createDeliverer } from '../lib/deliver/deliver.ts';
import { createOpenComet } from './open-comet.ts';
import { shell } from './shell.ts';

export const handler = shell('deliver', (log) => {
  const config = readConfig(deliverSchema, process.env);
  return createDeliver(createDeliverer({ openComet: createOpenComet(config, log), log }));
});
