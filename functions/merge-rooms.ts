import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openComet } from '../lib/comet/open.ts';
import { mergeRoomsSchema, readConfig } from '../lib/config.ts';
import { createMergeRooms } from '../lib/merge-rooms.ts';
import { createStaticRegistry } from '../lib/registry/static.ts';
import { openDynamoDb } from '../lib/store/dynamodb.ts';
import { createFleetTable } from '../lib/store/fleet.ts';
import { createLeasesTable } from '../lib/store/leases.ts';
import { createRoomsTable } from '../lib/store/rooms.ts';
import { shell } from './shell.ts';

export const handler = shell('mergeRooms', (log) => {
  const config = readConfig(mergeRoomsSchema, process.env);
  const db = openDynamoDb();
  const mergeRooms = createMergeRooms({
    fleet: createFleetTable(db, config.FLEET_TABLE),
    rooms: createRoomsTable(db, config.ROOMS_TABLE),
    leases: createLeasesTable(db, config.LEASES_TABLE),
    registry: createStaticRegistry(config.COMETS),
    openComet: (comet) => openComet(comet, config.COMET_TOKEN),
    clock: { now: Date.now, sleep },
    owner: randomUUID,
    log,
  });
  return (_event: unknown, endsAt) => mergeRooms({ endsAt });
});
