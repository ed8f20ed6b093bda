import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig, redeliverSchema } from '../lib/config.ts';
import { createDeliverer } from '../lib/deliver/deliver.ts';
import { fingerprintOf } from '../lib/fingerprint.ts';
import { createWake, readWake } from '../lib/lambda/wake.ts';
import { newOwner } from '../lib/owner.ts';
import { createRedeliver } from '../lib/redeliver/redeliver.ts';
import { createBehindTable } from '../lib/store/behind.ts';
import { createDeadLettersWriter } from '../lib/store/dead-letters.ts';
import { openDynamoDb } from '../lib/store/dynamodb.ts';
import { createFleetComets } from '../lib/store/fleet.ts';
import { createLeasesTable } from '../lib/store/leases.ts';
import { createParkedTable } from '../lib/store/parked.ts';
import { createOpenComet } from './open-comet.ts';
import { shell } from './shell.ts';

export const handler = shell('redeliver', (log) => {
  const config = readConfig(redeliverSchema, process.env);
  const db = openDynamoDb();
  const redeliver = createRedeliver({
    behind: createBehindTable(db, config.BEHIND_TABLE),
    parked: createParkedTable(db, config.PARKED_TABLE),
    fleet: createFleetComets(db, config.FLEET_TABLE),
    leases: createLeasesTable(db, config.LEASES_TABLE),
    deadLetters: createDeadLettersWriter(db, config.DEAD_LETTERS_TABLE, Date.now),
    deliverer: createDeliverer({ openComet: createOpenComet(config, log) }),
    wake: createWake(config.REDELIVER_FUNCTION),
    messageTtlS: config.MESSAGE_TTL_S,
    clock: { now: Date.now, sleep },
    owner: () => newOwner(Date.now()),
    fingerprint: fingerprintOf(config),
    log,
  });
  return (event: unknown, endsAt) => redeliver(readWake(event), endsAt);
});
