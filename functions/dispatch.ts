import { setTimeout as sleep } from 'node:timers/promises';
import { dispatchSchema, readConfig } from '../lib/config.ts';
import { createDeliverer } from '../lib/deliver/deliver.ts';
import { createInlineSender } from '../lib/deliver/inline-sender.ts';
import { createDispatch } from '../lib/dispatch/dispatch.ts';
import type { Sender } from '../lib/dispatch/fan-out.ts';
import { createViewLoader } from '../lib/dispatch/view.ts';
import { readKafkaEvent, readReplay } from '../lib/kafka/event.ts';
import { createInvokeSender } from '../lib/lambda/send.ts';
import { createWake } from '../lib/lambda/wake.ts';
import type { Log } from '../lib/log.ts';
import { createPark } from '../lib/parking/park.ts';
import { createBehindWriter } from '../lib/store/behind.ts';
import { createDeadLettersWriter } from '../lib/store/dead-letters.ts';
import { openDynamoDb } from '../lib/store/dynamodb.ts';
import { createFleetReader } from '../lib/store/fleet.ts';
import { createParkedWriter } from '../lib/store/parked.ts';
import { createRoomsTable } from '../lib/store/rooms.ts';
import { createOpenComet } from './open-comet.ts';
import { shell } from './shell.ts';

type Config = ReturnType<typeof readDispatchConfig>;
const readDispatchConfig = () => readConfig(dispatchSchema, process.env);

const senderOf = (config: Config, log: Log): Sender => {
  if (config.DELIVERY === 'invoke') {
    return createInvokeSender({
      functionName: config.DELIVER_FUNCTION,
      onRetry: () => log.metric('Retried', 1),
    });
  }
  return createInlineSender(createDeliverer({ openComet: createOpenComet(config, log), log }));
};

export const handler = shell('dispatch', (log) => {
  const config = readDispatchConfig();
  const db = openDynamoDb();
  const fleet = createFleetReader(db, config.FLEET_TABLE);
  const rooms = createRoomsTable(db, config.ROOMS_TABLE);
  const behind = createBehindWriter(db, config.BEHIND_TABLE);
  const dispatch = createDispatch({
    view: createViewLoader({ ...fleet, ...rooms }, Date.now),
    sender: senderOf(config, log),
    deadLetters: createDeadLettersWriter(db, config.DEAD_LETTERS_TABLE, Date.now),
    behind,
    park: createPark({
      parked: createParkedWriter(db, config.PARKED_TABLE),
      behind,
      wake: createWake(config.REDELIVER_FUNCTION),
      now: Date.now,
      log,
    }),
    roomRouting: config.ROOM_ROUTING,
    messageTtlS: config.MESSAGE_TTL_S,
    log,
    // The wait for a late comet keeps no process alive.
    clock: { now: Date.now, sleep: (ms) => sleep(ms, undefined, { ref: false }) },
  });
  return (event: unknown, endsAt) =>
    dispatch(readKafkaEvent(event, Date.now()), { endsAt, ...readReplay(event) });
});
