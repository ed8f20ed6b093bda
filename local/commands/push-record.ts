import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

export type PushTarget =
  | { readonly type: 'push'; readonly comet: string; readonly keys: readonly [string, ...string[]] }
  | { readonly type: 'room'; readonly room: string }
  | { readonly type: 'all'; readonly speed: number };

/** What goim's logic is asked to push. */
export interface Push {
  readonly target: PushTarget;
  readonly operation: number;
  readonly body: Uint8Array;
}

/** A record as goim's producer makes it. */
export interface PushRecord {
  readonly key: Buffer | null;
  readonly value: Buffer;
}

const TYPE = { push: 0, room: 1, all: 2 } as const;

const keyOf = ({ target, operation }: Push): string => {
  switch (target.type) {
    case 'push':
      return target.keys[0];
    case 'room':
      return target.room;
    case 'all':
      return String(operation);
  }
};

/** `goim.logic.PushMsg`: fields in order, zeros and empty ones left out, as Go writes them. */
const encodePushMsg = ({ target, operation, body }: Push): Uint8Array => {
  const writer = new BinaryWriter();
  const int32 = (field: number, value: number) => {
    if (value !== 0) writer.tag(field, WireType.Varint).int32(value);
  };
  int32(1, TYPE[target.type]);
  int32(2, operation);
  if (target.type === 'all') int32(3, target.speed);
  if (target.type === 'push') writer.tag(4, WireType.LengthDelimited).string(target.comet);
  if (target.type === 'room') writer.tag(5, WireType.LengthDelimited).string(target.room);
  if (target.type === 'push') {
    for (const key of target.keys) writer.tag(6, WireType.LengthDelimited).string(key);
  }
  if (body.length > 0) writer.tag(7, WireType.LengthDelimited).bytes(body);
  return writer.finish();
};

/** goim v2: protobuf. */
export const encodeV2 = (push: Push): PushRecord => ({
  key: Buffer.from(keyOf(push)),
  value: Buffer.from(encodePushMsg(push)),
});

const bigEndian = (room: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(room);
  return bytes;
};

/** Go leaves out a server or room of 0. */
const withoutZero = (name: string, id: number) => (id === 0 ? {} : { [name]: id });

/** goim v1: JSON, where comets and rooms are int32 and the operation is always 5. */
export const encodeV1 = ({ target, body }: Omit<Push, 'operation'>): PushRecord => {
  const msg = Buffer.from(body).toString('base64');
  const record = (key: Buffer | null, message: object) => ({
    key,
    value: Buffer.from(JSON.stringify(message)),
  });
  switch (target.type) {
    case 'push':
      return record(null, {
        op: 'multiple',
        ...withoutZero('server', Number(target.comet)),
        subkeys: target.keys,
        msg,
      });
    case 'room': {
      const room = Number(target.room);
      return record(bigEndian(room), {
        op: 'broadcast_room',
        ...withoutZero('roomid', room),
        msg,
        ensure: true,
      });
    }
    case 'all':
      return record(null, { op: 'broadcast', msg });
  }
};
