import { startTables, tableNames } from '../../local/tables.ts';

const { endpoint } = await startTables();
process.on('disconnect', () => process.exit());
process.send?.({ address: endpoint, tables: tableNames() });
