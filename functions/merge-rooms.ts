import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mergeRoomsSchema, readConfig } from '../lib/config.ts';
import { fingerprintOf } from '../lib/fingerprint.ts';
import { createWake } from '../lib/lambda/wake.ts';
import type { Registry } from '../lib/merge-rooms/ask.ts';
import { createMergeRooms } from '../lib/merge-rooms/merge-rooms.ts';
import { newOwner } from '../lib/owner.ts';
import { sweep } from '../lib/redeliver/sweep.ts';
import { createDiscoveryRegistry } from '../lib/registry/discovery/discovery.ts';
import { createStaticRegistry } from '../lib/registry/static.ts';
import { createTableRegistry } from '../lib/registry/table.ts';
import { createBehindReader } from '../lib/store/behind.ts';
import { createCometsReader } from '../lib/store/comets.ts';
import { openDynamoDb } from '../lib/store/dynamodb.ts';
import { createFleetTable } from '../lib/store/fleet.ts';
import { createLeasesTable } from '../lib/store/leases.ts';
import { createRoomsTable } from '../lib/store/rooms.ts';
import { createOpenComet } from './open-comet.ts';
import { shell } from './shell.ts';

type Config = ReturnType<typeof readMergeRoomsConfig>;
const readMergeRoomsConfig = () => readConfig(mergeRoomsSchema, process.env);

const registryOf = (config: Config, db: DynamoDBClient): Registry => {
  switch (config.REGISTRY) {
    case 'static':
      return createStaticRegistry(config.COMETS);
    case 'table':
      return createTableRegistry({ ...createCometsReader(db, config.COMETS_TABLE), now: Date.now });
    case 'discovery':
      return createDiscoveryRegistry({
        urls: config.DISCOVERY_URLS,
        appid: config.DISCOVERY_APPID,
        env: config.DISCOVERY_ENV,
        zone: config.DISCOVERY_ZONE,
      });
  }
};

export const handler = shell('mergeRooms', (log) => {
  const config = readMergeRoomsConfig();
  const db = openDynamoDb();
  const behind = createBehindReader(db, config.BEHIND_TABLE);
  const wake = createWake(config.REDELIVER_FUNCTION);
  const mergeRooms = createMergeRooms({
    fleet: createFleetTable(db, config.FLEET_TABLE),
    rooms: createRoomsTable(db, config.ROOMS_TABLE),
    leases: createLeasesTable(db, config.LEASES_TABLE),
    registry: registryOf(config, db),
    sweep: (isMeant) => sweep({ behind, wake }, isMeant),
    openComet: createOpenComet(config, log),
    clock: { now: Date.now, sleep },
    owner: () => newOwner(Date.now()),
    fingerprint: fingerprintOf(config),
    log,
  });
  return (_event: unknown, endsAt) => mergeRooms({ endsAt });
});
