import { connectGoimClient } from '../../local/goim-client/client.ts';

/** WebSocket clients in a process of their own; the argument is a JSON list of those to connect. Answers how many messages have come. */
export interface ClientPlace {
  readonly url: string;
  readonly key: string;
  readonly room: string;
}

const OPERATION = 1000;
let count = 0;

const connect = async ({ url, key, room }: ClientPlace): Promise<void> => {
  const onMessage = () => {
    count += 1;
  };
  await connectGoimClient({ url, key, roomId: room, accepts: [OPERATION], onMessage });
};

await Promise.all((JSON.parse(process.argv[2] ?? '[]') as ClientPlace[]).map(connect));
process.on('disconnect', () => process.exit());
process.on('message', () => process.send?.(count));
process.send?.('connected');
