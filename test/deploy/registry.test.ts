import { expect, test } from 'vitest';
import { unsetOfRegistry } from '../../deploy/registry.ts';

const environment = (set: Readonly<Record<string, string>>) => ({
  REGISTRY: 'static',
  COMETS: '',
  DISCOVERY_URLS: '',
  DISCOVERY_APPID: 'goim.comet',
  DISCOVERY_ENV: '',
  DISCOVERY_ZONE: '',
  ...set,
});

test.each([
  [
    'COMETS, for the static registry',
    {},
    'COMETS is not set, so mergeRooms will find no comet: COMETS=\'{"comet-1":["http://…"]}\'',
  ],
  [
    'the nodes and the environment, for discovery',
    { REGISTRY: 'discovery' },
    'DISCOVERY_URLS and DISCOVERY_ENV are not set, so mergeRooms will find no comet: DISCOVERY_URLS=http://…:7171 DISCOVERY_ENV=prod',
  ],
  [
    'the environment alone',
    { REGISTRY: 'discovery', DISCOVERY_URLS: 'http://a' },
    'DISCOVERY_ENV is not set, so mergeRooms will find no comet: DISCOVERY_ENV=prod',
  ],
])('a package without a fleet warns of %s', (_name, set, warning) => {
  expect(unsetOfRegistry(environment(set))).toBe(warning);
});

test.each([{ COMETS: '{}' }, { REGISTRY: 'discovery', DISCOVERY_URLS: 'http://a', DISCOVERY_ENV: 'prod' }])(
  'a package with all that its registry needs warns of nothing: %o',
  (set) => {
    expect(unsetOfRegistry(environment(set))).toBeUndefined();
  },
);
