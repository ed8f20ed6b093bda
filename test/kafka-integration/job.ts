import { expect, vi } from 'vitest';
import { type EventSource, startEventSource } from '../../local/event-source/event-source.ts';
import type { KafkaConfig } from '../../local/kafka/config.ts';
import { openKafkaReader } from '../../local/kafka/reader.ts';
import type { Functions } from './functions.ts';

/** A reader with its event source: one member of the group. */
export interface Job {
  readonly lines: readonly string[];
  /** Resolves once the log has such a line. */
  logs(line: RegExp): Promise<void>;
  /** As on a signal. */
  stop(): Promise<void>;
}

const PATIENT_MS = 60_000;
export const startJob = (config: KafkaConfig, functions: Pick<Functions, 'dispatch'>): Job => {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const reader = openKafkaReader({ config, log });
  const source: EventSource = startEventSource({
    reader,
    invoke: functions.dispatch,
    origin: { eventSourceArn: 'arn:aws:kafka:example', bootstrapServers: 'example:9092' },
    batchSize: 100,
    windowMs: 0,
    log,
  });
  void reader.start();
  return {
    lines,
    logs: (line) =>
      vi.waitFor(
        () =>
          expect(
            lines.some((one) => line.test(one)),
            `${line} in\n${lines.join('\n')}`,
          ).toBe(true),
        {
          timeout: PATIENT_MS,
          interval: 20,
        },
      ),
    stop: async () => {
      await source.stop(10_000);
      await reader.close();
    },
  };
};
