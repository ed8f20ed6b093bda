import type { Position } from '../topic/topic.ts';

export interface ProducedRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** The topic said no; the message is its own. */
export class ProduceError extends Error {}

const encode = ({ key, value }: ProducedRecord) => ({
  key: key?.toString('base64') ?? null,
  value: value?.toString('base64') ?? null,
});

/** Appends through Kafka REST Proxy's API; rejects with a `ProduceError`, or with fetch's own TypeError if nothing listens. */
export const produceTo = async (
  topicUrl: string,
  topic: string,
  records: readonly ProducedRecord[],
): Promise<readonly Position[]> => {
  const response = await fetch(`${topicUrl}/topics/${encodeURIComponent(topic)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.kafka.binary.v2+json' },
    body: JSON.stringify({ records: records.map(encode) }),
  });
  const answer = (await response.json()) as { message: string; offsets: Position[] };
  if (!response.ok) throw new ProduceError(answer.message);
  return answer.offsets;
};
