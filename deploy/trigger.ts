import { isSet, whole } from './parameter.ts';

/** What `--param` says of the MSK trigger; an empty string is unset. */
export interface TriggerParameters {
  readonly windowS: unknown;
  readonly minimumPollers: unknown;
  readonly maximumPollers: unknown;
}

const pollerConfig = ({ minimumPollers, maximumPollers }: TriggerParameters): Record<string, number> => ({
  ...(isSet(minimumPollers) ? { MinimumPollers: whole('minimumPollers', minimumPollers, 1, 200) } : {}),
  ...(isSet(maximumPollers) ? { MaximumPollers: whole('maximumPollers', maximumPollers, 1, 2000) } : {}),
});

/**
 * What the framework's `msk` event cannot say: a window of 0 (it drops it, and Lambda's default is 500 ms), and with provisioned
 * pollers, which alone may carry the property, that retries are endless: any other number loses records.
 */
export const triggerProperties = (parameters: TriggerParameters): Record<string, unknown> => {
  const pollers = pollerConfig(parameters);
  return {
    ...(isSet(parameters.windowS)
      ? { MaximumBatchingWindowInSeconds: whole('windowS', parameters.windowS, 0, 300) }
      : {}),
    ...(Object.keys(pollers).length > 0
      ? { ProvisionedPollerConfig: pollers, MaximumRetryAttempts: -1 }
      : {}),
  };
};
