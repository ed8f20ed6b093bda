/** Longer than goim-job's: what is late in these tests never comes, and no machine is to be too slow for what does. */
export const DEADLINES = { opsMs: 10_000, roomsMs: 2_500 };
