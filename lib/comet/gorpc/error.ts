import { type CometError, cometFailure } from '../error.ts';

/** What a server of `net/rpc` says of a method that it has not. */
const MISSING = /^rpc: can't find /;
/** goim v1's own words for an argument that it does not take. */
const ARGUMENT_ERROR = /^rpc (?:m?pushmsgs?|broadcast(?: +room)?) arg error$/;

export const isMissing = (words: string): boolean => MISSING.test(words);
export const isRefusal = (words: string): boolean => ARGUMENT_ERROR.test(words);

/** Any error that a comet answers; its words stay out, since they may hold keys. */
export const answeredError = (): CometError => cometFailure('COMET_STATUS', 'The comet answered an error');
