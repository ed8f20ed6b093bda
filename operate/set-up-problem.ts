import type { ServiceError } from '../lib/errors.ts';

const NETWORK_PROBLEMS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: with --local, is npm start running, with the same --port-base?',
  ENOTFOUND: 'there is no such region, or no network',
  EAI_AGAIN: 'there is no such region, or no network',
};

/** What AWS says of who asks; other messages might quote what they failed on. */
const TELLING: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'ExpiredTokenException',
  'UnrecognizedClientException',
]);

/** What is wrong with the operator's own set-up, and what to do; undefined: it is something else. */
export const setUpProblem = ({ cause, details }: ServiceError): string | undefined => {
  if (!(cause instanceof Error)) return undefined;
  const { name, message } = cause;
  if (message.startsWith('Region '))
    return `${message}: set AWS_REGION, or AWS_PROFILE to a profile that has one`;
  if (name === 'CredentialsProviderError')
    return `${message}: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`;
  if (name === 'ResourceNotFoundException')
    return `there is no table ${String(details['table'])}: are --stage and the region right?`;
  return TELLING.has(name) ? message : NETWORK_PROBLEMS[String((cause as NodeJS.ErrnoException).code)];
};
