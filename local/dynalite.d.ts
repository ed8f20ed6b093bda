declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Times in ms; the store is in memory unless `path` is set. */
  export default function dynalite(options?: {
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }): Server;
}
