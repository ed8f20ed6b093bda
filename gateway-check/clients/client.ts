/** A connection to the gateway, as its clients make them. */
export interface ClientConnection {
  /** Bodies in order of arrival. */
  readonly bodies: readonly string[];
  close(): Promise<void>;
}

export interface ClientName {
  readonly key: string;
  readonly room: string;
  /** Operations that it accepts, if the protocol has them. */
  readonly accepts: readonly number[];
}

export type OpenClient = (name: ClientName) => Promise<ClientConnection>;
