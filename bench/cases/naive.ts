import { Agent } from 'node:http';
import axios from 'axios';
import { opOf } from '../../lib/domain/batch.ts';
import type { PushMessage } from '../../lib/domain/push-message.ts';
import { type Case, expectCount, type MakeCases } from '../case.ts';
import { pushMessages } from '../ops.ts';

const RECORDS = 100;
const IN_FLIGHT = [1, 32];

/** What one writes first: a request a record, over kept connections. */
export const makeCases: MakeCases = (peers) => {
  const messages = pushMessages(RECORDS);
  return IN_FLIGHT.map((inFlight): Case => {
    const http = axios.create({
      baseURL: peers.comet,
      httpAgent: new Agent({ keepAlive: true, maxSockets: inFlight }),
      proxy: false,
    });
    const post = async (message: PushMessage): Promise<void> => {
      const { data } = await http.post<{ done: number }>('/v1/ops', { ops: [opOf(message, 1)] });
      expectCount('done', data.done, 1);
    };
    const run = async (): Promise<void> => {
      const queue = messages.values();
      const worker = async (): Promise<void> => {
        for (const message of queue) await post(message);
      };
      await Promise.all(Array.from({ length: inFlight }, worker));
    };
    const title = `naive: a request a record, ${inFlight} in flight`;
    return { id: `naive-${inFlight}`, title, unit: 'op', units: RECORDS, run };
  });
};
