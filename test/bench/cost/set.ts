import type { Figures } from '../../../bench/cost/figures.ts';
import type { Workload } from '../../../bench/cost/workload.ts';

/** Round figures, to reckon with by hand: an event costs nothing by itself, a record 2 µs, an Invoke 99 µs and 1 µs an op. */
export const FIGURES: Figures = {
  'dispatch-100-2': 2,
  'dispatch-1000-2': 2,
  'dispatch-1000-100': 2,
  'dispatch-room': 2,
  'invoke-1': 100,
  'invoke-500': 599,
  'dynamodb-header': 0,
  'deliver-1': 100,
  'grpc-push': 10,
  'grpc-room': 4,
  'memory-merge-10000': 100,
  'memory-merge-100000': 200,
  'memory-merge-1000000': 700,
};

/** One PUSH a second to one comet, unless said otherwise. */
export const set = (part: Partial<Workload> = {}): Workload => ({
  connections: 1_000,
  comets: 1,
  push: 1,
  room: 0,
  all: 0,
  rooms: 100,
  roomChanges: 0,
  partitions: 1,
  sandboxes: 1,
  windowS: 1,
  delivery: 'invoke',
  ...part,
});
