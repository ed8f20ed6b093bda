/** What became of one write; `unknown`: the store did not answer, so it may be there now, later or never. */
export type WriteStatus = 'written' | 'unwritten' | 'unknown';
