import { readArguments } from '../../local/commands/arguments.ts';
import { readKafkaVariables } from '../../local/commands/kafka-variables.ts';
import type { KafkaConfig } from '../../local/kafka/config.ts';
import { DEFAULT_PORT_BASE } from '../../local/ports.ts';
import { PLACE_OPTIONS, type Place, placeOf } from '../place.ts';

export const STATUS_USAGE = `How a set is: its fleet, who is behind and since when, what was given up, who works, the lag.

  npm run status -- --stage prod
  npm run status -- --local --watch

  --json            one line of JSON instead; times in ms since 1970
  --watch           again each 2 s, until Ctrl-C
  --rooms           also counts the rooms, which reads that whole table
  --stage <name>    (dev); region and credentials from AWS's usual variables
  --local           the set that npm start runs
  --port-base <n>   as given to npm start (${DEFAULT_PORT_BASE})
  --help

The lag is that of npm start's own topic, or with KAFKA_BROKERS that of KAFKA_GROUP (goim-job) on KAFKA_TOPIC (goim-push-topic) there.`;

export interface StatusArguments {
  readonly place: Place;
  readonly isJson: boolean;
  readonly isWatch: boolean;
  readonly hasRooms: boolean;
  /** Asked for the group's lag. */
  readonly kafka: KafkaConfig | undefined;
}

const OPTIONS = {
  ...PLACE_OPTIONS,
  json: { type: 'boolean', default: false },
  watch: { type: 'boolean', default: false },
  rooms: { type: 'boolean', default: false },
  help: { type: 'boolean' },
} as const;

/** Undefined: help is asked for. Throws a `UsageError`. */
export const readStatusArguments = (args: readonly string[]): StatusArguments | undefined => {
  const { values } = readArguments(args, OPTIONS);
  if (values.help === true) return undefined;
  const { json: isJson, watch: isWatch, rooms: hasRooms } = values;
  return { place: placeOf(values), isJson, isWatch, hasRooms, kafka: readKafkaVariables() };
};
