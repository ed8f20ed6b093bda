import type { Item } from './tables/wire.ts';
import type { World } from './world.ts';

/** A whole table as it is, past all faults; by its logical id, like `FleetTable`. */
export const scanTable = async (
  { tables, tableNames }: Pick<World, 'tables' | 'tableNames'>,
  id: string,
): Promise<Item[]> => {
  const items: Item[] = [];
  let from: Item | undefined;
  do {
    const more = from === undefined ? {} : { ExclusiveStartKey: from };
    const page = await tables.call('Scan', { TableName: tableNames[id] ?? '', ...more });
    const { Items, LastEvaluatedKey } = page as { Items: Item[]; LastEvaluatedKey?: Item };
    items.push(...Items);
    from = LastEvaluatedKey;
  } while (from !== undefined);
  return items;
};
