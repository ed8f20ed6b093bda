import type { BaseOptions } from '@platformatic/kafka';
import type { KafkaConfig } from './config.ts';

/** How this process is called in Kafka's own logs and group descriptions. */
const CLIENT_ID = 'goim-job';

/** What every client of this cluster begins with. A private authority is NODE_EXTRA_CA_CERTS. */
export const clientOptions = ({ brokers, tls, sasl }: KafkaConfig): BaseOptions => ({
  clientId: CLIENT_ID,
  bootstrapBrokers: brokers.map(({ host, port }) => ({ host, port })),
  ...(tls && { tls: {}, tlsServerName: true }),
  ...(sasl !== undefined && { sasl: { ...sasl } }),
});

/** The innermost message: the outer ones say only that several attempts failed. */
export const problemOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors.length > 0) return problemOf(error.errors.at(-1));
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? problemOf(error.cause) : error.message;
};
