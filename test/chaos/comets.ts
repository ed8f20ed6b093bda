import { setTimeout as pause } from 'node:timers/promises';
import type { Op } from '../../lib/domain/op.ts';
import type { Fault } from '../../local/comet/faults.ts';
import { type ReferenceComet, startReferenceComet } from '../../local/comet/reference-comet.ts';

export type Wire = 'http' | 'grpc' | 'gorpc';

/** A comet over its restarts. */
export interface ChaosComet {
  readonly id: string;
  readonly wire: Wire;
  /** As the registry names it. */
  address(): string;
  clientUrl(): string;
  setFault(fault?: Fault): void;
  /** Its API refuses connections; its clients stay. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** All is lost for so long: the connections too. */
  restart(downMs: number): Promise<void>;
  /** The same, at another address. */
  move(downMs: number): Promise<void>;
  /** Whether something was done to it in the last `ms`, or is now. */
  isIll(ms: number): boolean;
  /** Brackets a time of illness. */
  fallIll(): () => void;
  close(): Promise<void>;
}

/** What is in the body of an op that a comet fails on, each time. */
export const FAILING = 'fails-500';
export const MAX_BODY_BYTES = 2_048;

const HOST = '127.0.0.1';

const portOf = (url: string | undefined): number => Number(new URL(url ?? 'http://x:0').port);

const addressOf = ({ apiUrl, grpcUrl, gorpcUrl }: ReferenceComet, wire: Wire): string => {
  switch (wire) {
    case 'http':
      return apiUrl;
    case 'grpc':
      return `${grpcUrl}`;
    case 'gorpc':
      // The bodies here are no JSON.
      return `${gorpcUrl}?bodies=any`;
  }
};

const failsOn = ({ body }: Op): boolean => Buffer.from(body, 'base64').includes(FAILING);

export const startComet = async (id: string, wire: Wire, onOp: (op: Op) => void): Promise<ChaosComet> => {
  /** Each on the port that it had, or on any. */
  const portsOf = (of?: ReferenceComet) => ({
    clientPort: portOf(of?.clientUrl),
    apiPort: portOf(of?.apiUrl),
    grpcPort: wire === 'grpc' ? portOf(of?.grpcUrl) : undefined,
    gorpcPort: wire === 'gorpc' ? portOf(of?.gorpcUrl) : undefined,
  });
  const open = (ports: ReturnType<typeof portsOf>) =>
    startReferenceComet({
      id,
      host: HOST,
      ...ports,
      maxBodyBytes: MAX_BODY_BYTES,
      onOp,
      failsOn,
      // Go's net/rpc runs calls in goroutines; both variants of goim v1 are in use.
      traps: { parallel: true },
      roomsVariant: Number(id) % 2 === 0 ? 'list' : 'set',
    });
  let comet: ReferenceComet = await open(portsOf());
  let illnesses = 0;
  let wellSince = Number.NEGATIVE_INFINITY;

  const reopen = async (downMs: number, ports: ReturnType<typeof portsOf>): Promise<void> => {
    await comet.close();
    await pause(downMs);
    comet = await open(ports);
  };
  return {
    id,
    wire,
    address: () => addressOf(comet, wire),
    clientUrl: () => comet.clientUrl,
    setFault: (fault) => comet.setFault(fault),
    stop: () => comet.stop(),
    start: () => comet.start(),
    restart: (downMs) => reopen(downMs, portsOf(comet)),
    move: (downMs) => reopen(downMs, portsOf()),
    isIll: (ms) => illnesses > 0 || performance.now() - wellSince < ms,
    fallIll: () => {
      illnesses += 1;
      return () => {
        illnesses -= 1;
        wellSince = performance.now();
      };
    },
    close: () => comet.close(),
  };
};
