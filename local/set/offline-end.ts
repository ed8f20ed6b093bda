import ServerlessOffline from 'serverless-offline';

/**
 * On a signal serverless-offline ends the process within milliseconds, whatever others still have to do. `sls offline start` runs a
 * hook first, which can wait for them; `sls offline` does not.
 */
export const endOfflineWith = (end: () => Promise<void>): void => {
  ServerlessOffline.prototype.end = end;
};
