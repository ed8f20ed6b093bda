import type { Position } from '../topic/topic.ts';
import { CommandError } from './arguments.ts';
import { postTo } from './http.ts';

export interface ProducedRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

const encode = ({ key, value }: ProducedRecord) => ({
  key: key?.toString('base64') ?? null,
  value: value?.toString('base64') ?? null,
});

/** Appends through Kafka REST Proxy's API; rejects with a `CommandError`. */
export const produceTo = async (
  topicUrl: string,
  topic: string,
  records: readonly ProducedRecord[],
): Promise<readonly Position[]> => {
  const { status, body } = await postTo(
    `${topicUrl}/topics/${encodeURIComponent(topic)}`,
    'application/vnd.kafka.binary.v2+json',
    JSON.stringify({ records: records.map(encode) }),
  );
  const { message, offsets = [] } = body as { message?: string; offsets?: Position[] };
  if (status !== 200) throw new CommandError(message ?? `the local set answered ${status}`);
  return offsets;
};
