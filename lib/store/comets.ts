import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Comet } from '../domain/fleet.ts';
import { scanPages } from './scan.ts';

/** The `Comets` table, an item a comet: `id`, and `addresses`, a list in order of preference. Written by whoever runs the comets. */
export const createCometsReader = (client: DynamoDBClient, table: string) => ({
  /** Consistent. Rejects with the store's errors. */
  readAll: async (): Promise<Comet[]> => {
    const comets: Comet[] = [];
    for await (const items of scanPages(client, table)) {
      for (const { id, addresses } of items)
        comets.push({ id: id?.S ?? '', addresses: (addresses?.L ?? []).flatMap(({ S }) => S ?? []) });
    }
    return comets;
  },
});
