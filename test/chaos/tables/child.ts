import { startTables } from '../../../local/tables.ts';

/** The tables in a process of their own, so that they have a core of their own. Ends with its parent. */
const { endpoint } = await startTables();
process.send?.(endpoint);
process.on('disconnect', () => process.exit());
