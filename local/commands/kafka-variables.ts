import { type KafkaConfig, readKafkaConfig } from '../kafka/config.ts';
import { UsageError } from './arguments.ts';

/** Undefined: `KAFKA_BROKERS` is not set. Throws a `UsageError`. */
export const readKafkaVariables = (): KafkaConfig | undefined => {
  try {
    return readKafkaConfig(process.env);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'the variables are wrong');
  }
};
