import { randomUUID } from 'node:crypto';

/** A lease's owner, named by when it started (ms since 1970): who started later sorts behind. */
export const newOwner = (startedAt: number): string => `${new Date(startedAt).toISOString()}#${randomUUID()}`;
