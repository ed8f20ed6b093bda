import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';

/** Starts each function once, so that what runs with the code or configuration before hands over now and not with the next schedule. Answers those that could not be started. */
export const startSuccessors = async (
  config: LambdaClientConfig,
  functionNames: readonly string[],
): Promise<string[]> => {
  const lambda = new LambdaClient(config);
  const started = await Promise.allSettled(
    functionNames.map((FunctionName) =>
      lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: Buffer.from('{}') })),
    ),
  );
  lambda.destroy();
  return functionNames.filter((_, index) => started[index]?.status === 'rejected');
};
