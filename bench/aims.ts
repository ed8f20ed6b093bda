import { type Row, rowById } from './row.ts';

export interface Aim {
  readonly title: string;
  readonly value: number;
  readonly limit: number;
  readonly unit: string;
  readonly pass: boolean;
}

const atMost = (title: string, value: number, limit: number, unit: string): Aim => ({
  title: `${title} ≤ ${limit}${unit}`,
  value,
  limit,
  unit,
  pass: value <= limit,
});

/** Beside Go's own client; none where there is no Go. */
const besideGo = (rows: readonly Row[], median: (id: string) => number): Aim[] => {
  if (!rows.some(({ id }) => id === 'grpc-go')) return [];
  const push = median('dispatch-1000-2') + median('grpc-push');
  return [
    atMost('gRPC: the bare client / Go’s own', median('grpc-bare') / median('grpc-go'), 0.4, ' ×'),
    atMost('PUSH over gRPC, dispatch + deliver / a call of Go’s client', push / median('grpc-go'), 0.6, ' ×'),
  ];
};

/** What the figures are to be; every ratio is of one run. */
export const judge = (rows: readonly Row[]): Aim[] => {
  const median = (id: string): number => rowById(rows, id).median;
  const naive = Math.min(median('naive-1'), median('naive-32'));
  const cheaper = naive / median('deliver-500');
  const sizes = rows.filter(({ id }) => id.startsWith('bytes-')).map(({ median }) => median);
  return [
    atMost(
      'dispatch, 10,000 PUSH to 2 comets / floor',
      median('dispatch-10000-2') / median('floor-10000'),
      3.5,
      ' ×',
    ),
    {
      title: 'one request an op / deliver, 500 ops a call ≥ 20 ×',
      value: cheaper,
      limit: 20,
      unit: ' ×',
      pass: cheaper >= 20,
    },
    atMost(
      'dispatch + deliver over HTTP, 1,000 PUSH to 2 comets / floor',
      (median('dispatch-1000-2') + median('deliver-500')) / median('floor-1000'),
      6,
      ' ×',
    ),
    atMost(
      'dispatch + deliver over gRPC, 1,000 ROOM of 100 rooms / floor',
      (median('dispatch-room') + median('grpc-room')) / median('floor-1000'),
      8,
      ' ×',
    ),
    atMost('deliver over gRPC, PUSH / the bare client', median('grpc-push') / median('grpc-bare'), 1.3, ' ×'),
    ...besideGo(rows, median),
    atMost('peak memory, 10,000 PUSH to 2 comets', median('memory-push'), 256, ' MiB'),
    atMost('peak memory, 10,000 ALL to 100 comets', median('memory-all'), 256, ' MiB'),
    atMost('mergeRooms, 1,000 comets of 10 rooms: CPU of one core', median('merge-cpu'), 20, ' %'),
    atMost('mergeRooms, 1,000 comets of 10 rooms: peak memory', median('merge-memory'), 200, ' MiB'),
    atMost('largest bundle with its source map', Math.max(...sizes), 2_000, ' kB'),
    atMost('room reads, 100 rooms, 8 sandboxes', median('room-reads'), 160, ' units a second'),
  ];
};
