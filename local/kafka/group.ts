import { Admin } from '@platformatic/kafka';
import { clientOptions } from './client.ts';
import type { KafkaConfig } from './config.ts';

export interface OtherMember {
  readonly clientId: string;
  readonly clientHost: string;
}

const RETRY_DELAY_MS = 500;

/** Who is in the consumer group now. Rejects if Kafka does not answer or does not let us ask. */
export const readMembers = async (config: KafkaConfig): Promise<readonly OtherMember[]> => {
  // In a new cluster the first question makes the coordinator.
  const admin = new Admin({ ...clientOptions(config), retryDelay: RETRY_DELAY_MS });
  try {
    const groups = await admin.describeGroups({ groups: [config.group] });
    return [...(groups.get(config.group)?.members.values() ?? [])];
  } finally {
    await admin.close();
  }
};

/** Undefined: there is nobody else. */
export const warningAbout = (members: readonly OtherMember[], group: string): string | undefined => {
  if (members.length === 0) return undefined;
  const names = members.map(({ clientId, clientHost }) => `${clientId} on ${clientHost.replace(/^\//, '')}`);
  return (
    `WARNING: consumer group ${group} has ${members.length} other member(s): ${names.join(', ')}. Each gets a part of the ` +
    'partitions, and its records are not seen here: stop a goim job that still runs, or set KAFKA_GROUP'
  );
};
