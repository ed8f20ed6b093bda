import type { ParseArgsOptionsConfig } from 'node:util';
import { readArguments, UsageError } from '../../local/commands/arguments.ts';
import { DEFAULT_PORT_BASE } from '../../local/ports.ts';
import { PLACE_OPTIONS, type Place, placeOf } from '../place.ts';
import { LETTER_REASONS } from './filter.ts';

export const DEAD_LETTERS_USAGE = `What goim-job gave up: lists it, shows it, sends it again, deletes it.

  npm run dead-letters -- list [--reason <r>] [--comet <id>] [--limit <n>]
      a line a letter: id, reason, topic/partition/offset, comet, age, size, with tabs between; then how many of each reason
  npm run dead-letters -- show <id>
      all of one letter, also the message's body and keys: no other command shows those
  npm run dead-letters -- replay [--reason <r>] [--comet <id>] [--id <id>] [--dry-run]
      ops are parked again and redelivered in their order, records go through dispatch again; then the letter is deleted.
      One that dies again stays; one whose comet has not taken it after 30 s is said to be parked. What is interrupted may be run again: nothing is lost, what went already may go twice
  npm run dead-letters -- purge [--reason <r>] [--older-than <hours>] --yes
      deletes; without --yes it says how many

  --reason malformed   every record that could not be decoded, whatever was wrong with it
  --stage <name>       (dev); region and credentials from AWS's usual variables
  --local              the set that npm start runs
  --port-base <n>      as given to npm start (${DEFAULT_PORT_BASE})
  --help`;

/** Letters for which all that is said holds. */
export interface LetterFilter {
  readonly id?: string | undefined;
  /** One of these. */
  readonly ids?: ReadonlySet<string> | undefined;
  /** Or `malformed`: every record. */
  readonly reason?: string | undefined;
  readonly comet?: string | undefined;
  readonly olderThanHours?: number | undefined;
}

export type LetterCommand =
  | { readonly name: 'list'; readonly filter: LetterFilter; readonly limit: number }
  | { readonly name: 'show'; readonly id: string }
  | { readonly name: 'replay'; readonly filter: LetterFilter; readonly dryRun: boolean }
  | { readonly name: 'purge'; readonly filter: LetterFilter; readonly confirmed: boolean };

const COMMON = { ...PLACE_OPTIONS, help: { type: 'boolean' } } as const;
const REASON = { reason: { type: 'string' } } as const;
const COMET = { comet: { type: 'string' } } as const;

const parse = <const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) =>
  readArguments(args, { ...COMMON, ...options }, true);

const numberFrom = (name: string, text: string, isRight: (number: number) => boolean): number => {
  const number = Number(text);
  if (text.trim() === '' || !isRight(number)) throw new UsageError(`${name} is wrong: ${text}`);
  return number;
};

const reasonFrom = (reason: string | undefined): string | undefined => {
  if (reason === undefined || LETTER_REASONS.includes(reason)) return reason;
  throw new UsageError(`--reason is wrong: ${reason}; there are ${LETTER_REASONS.join(', ')}`);
};

const noMore = (extra: readonly string[]): void => {
  if (extra.length > 0) throw new UsageError(`what is ${extra[0]}?`);
};

interface LetterArguments {
  readonly command: LetterCommand;
  readonly place: Place;
}

const readList = (args: readonly string[]): LetterArguments => {
  const { values, positionals } = parse(args, { ...REASON, ...COMET, limit: { type: 'string' } });
  noMore(positionals);
  const { comet, limit } = values;
  const reason = reasonFrom(values.reason);
  const isCount = (number: number): boolean => Number.isSafeInteger(number) && number > 0;
  const most = limit === undefined ? Number.POSITIVE_INFINITY : numberFrom('--limit', limit, isCount);
  return { command: { name: 'list', filter: { reason, comet }, limit: most }, place: placeOf(values) };
};

const readShow = (args: readonly string[]): LetterArguments => {
  const { values, positionals } = parse(args, {});
  const [id, ...extra] = positionals;
  if (id === undefined || id === '') throw new UsageError('show needs the id of a letter, as list prints it');
  noMore(extra);
  return { command: { name: 'show', id }, place: placeOf(values) };
};

const readReplay = (args: readonly string[]): LetterArguments => {
  const own = { id: { type: 'string' }, 'dry-run': { type: 'boolean', default: false } } as const;
  const { values, positionals } = parse(args, { ...REASON, ...COMET, ...own });
  noMore(positionals);
  const { id, comet } = values;
  const filter = { id, reason: reasonFrom(values.reason), comet };
  return { command: { name: 'replay', filter, dryRun: values['dry-run'] }, place: placeOf(values) };
};

const readPurge = (args: readonly string[]): LetterArguments => {
  const own = { 'older-than': { type: 'string' }, yes: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parse(args, { ...REASON, ...own });
  noMore(positionals);
  const age = values['older-than'];
  const olderThanHours =
    age === undefined
      ? undefined
      : numberFrom('--older-than', age, (hours) => Number.isFinite(hours) && hours >= 0);
  const filter = { reason: reasonFrom(values.reason), olderThanHours };
  return { command: { name: 'purge', filter, confirmed: values.yes }, place: placeOf(values) };
};

const READERS = { list: readList, show: readShow, replay: readReplay, purge: readPurge };

const isCommand = (name: string | undefined): name is keyof typeof READERS =>
  name !== undefined && Object.hasOwn(READERS, name);

/** Undefined: help is asked for. Throws a `UsageError`. */
export const readLetterArguments = (args: readonly string[]): LetterArguments | undefined => {
  if (args.includes('--help')) return undefined;
  const [name, ...rest] = args;
  if (!isCommand(name)) throw new UsageError(`say ${Object.keys(READERS).join(', ')}`);
  return READERS[name](rest);
};
