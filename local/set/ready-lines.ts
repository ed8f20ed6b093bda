import { DEFAULT_PORT_BASE, HOST, type Ports } from '../ports.ts';
import type { KnownComet } from './fleet-wait.ts';
import type { LocalSet } from './local-set.ts';

export interface ReadyLinesOptions {
  readonly ports: Ports;
  readonly set: Pick<LocalSet, 'source' | 'comets' | 'tablesUrl'>;
  readonly fleet: readonly KnownComet[];
}

/** More would push the rest off the screen; the console has all of them. */
const MAX_COMETS = 10;
/** The tables' and functions' addresses align with the comets' ids up to here. */
const NAME_WIDTH = 10;

const line = (name: string, ...texts: readonly string[]): string =>
  `  ${name.padEnd(NAME_WIDTH)} ${texts.filter((text) => text !== '').join('  ')}`;

const cometLine = ({ id, addresses, isFresh }: KnownComet, clientUrl = ''): string =>
  line(
    id,
    clientUrl,
    clientUrl === '' ? addresses.join(', ') : `called at ${addresses.join(', ')}`,
    isFresh ? '' : 'does not answer: what is for it is parked',
  );

const cometLines = ({ set, fleet }: ReadyLinesOptions): string[] => {
  const clientUrls = new Map(set.comets.map(({ id, clientUrl }) => [id, clientUrl]));
  const shown = fleet.slice(0, MAX_COMETS).map((comet) => cometLine(comet, clientUrls.get(comet.id)));
  const more = fleet.length - shown.length;
  return more > 0 ? [...shown, line(`and ${more} more comets`)] : shown;
};

/** One listens first where there is a comet of this set to listen to. */
const nextLines = ({ ports, set }: ReadyLinesOptions): string[] => {
  const base = ports.topic === DEFAULT_PORT_BASE ? '' : ` --port-base ${ports.topic}`;
  const step = (command: string) => `npm run ${command} --${base} --room live://1000`;
  return set.comets.length === 0
    ? [`next, in a second terminal: ${step('push')}`]
    : [`next, in a second terminal: ${step('listen')}`, `and in a third:             ${step('push')}`];
};

/** Short ones, and the commands to type next. */
export const readyLines = (options: ReadyLinesOptions): string[] => {
  const { ports, set } = options;
  const { produceUrl, bootstrapServers, topicName } = set.source;
  return [
    'ready',
    produceUrl === undefined
      ? line('reads', `${topicName} of ${bootstrapServers}`)
      : line('topic', `${produceUrl}/topics/${topicName}`),
    ...cometLines(options),
    line('functions', `http://${HOST}:${ports.lambda}`),
    line('tables', set.tablesUrl),
    line('console', `http://${HOST}:${ports.console}/`),
    ...nextLines(options),
  ];
};
