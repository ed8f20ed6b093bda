export interface BrokerPorts {
  readonly plain: number;
  readonly sasl: number;
  readonly controller: number;
}

export const HOST = '127.0.0.1';
/** Of the listener with SASL. */
export const SASL_USER = { username: 'goim', password: 'a-password' };

const PLAIN_LOGIN = 'org.apache.kafka.common.security.plain.PlainLoginModule';
const SCRAM_LOGIN = 'org.apache.kafka.common.security.scram.ScramLoginModule';

/** Broker and controller in one, with as little to start as possible. https://kafka.apache.org/documentation/#brokerconfigs */
export const brokerProperties = (folder: string, { plain, sasl, controller }: BrokerPorts): string =>
  [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@${HOST}:${controller}`,
    'controller.listener.names=CONTROLLER',
    `listeners=PLAINTEXT://${HOST}:${plain},SASL_PLAINTEXT://${HOST}:${sasl},CONTROLLER://${HOST}:${controller}`,
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
    'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    `listener.name.sasl_plaintext.plain.sasl.jaas.config=${PLAIN_LOGIN} required user_${SASL_USER.username}="${SASL_USER.password}";`,
    `listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config=${SCRAM_LOGIN} required;`,
    `listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config=${SCRAM_LOGIN} required;`,
    `log.dirs=${folder}`,
    'auto.create.topics.enable=false',
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    '',
  ].join('\n');
