import {
  BYTES,
  INT,
  pointer,
  STRING,
  type StructType,
  set,
  slice,
  struct,
  UINT,
} from '../../lib/gob/type.ts';

const Proto = struct('Proto', { Ver: INT, Operation: INT, SeqId: INT, Body: BYTES });
const PushMsgArg = struct('PushMsgArg', { Key: STRING, P: Proto });

/** The types that the vectors name (test/vectors/gob/main.go). */
const types: Readonly<Record<string, StructType>> = {
  Numbers: struct('Numbers', { Int: INT, Uint: UINT }),
  Texts: struct('Texts', { Text: STRING, Bytes: BYTES }),
  Lists: struct('Lists', {
    Ints: slice(INT),
    Texts: slice(STRING),
    Set: set(INT),
    Sets: slice(set(STRING)),
  }),
  MPushMsgArg: struct('MPushMsgArg', { Keys: slice(STRING), P: Proto }),
  MPushMsgsArg: struct('MPushMsgsArg', { PMArgs: slice(pointer(PushMsgArg)) }),
  BoardcastRoomArg: struct('BoardcastRoomArg', { RoomId: INT, P: Proto }),
  BoardcastArg: struct('BoardcastArg', { P: Proto }),
  MPushMsgReply: struct('MPushMsgReply', { Index: INT }),
  NoReply: struct('NoReply', {}),
  RoomList: struct('RoomsReply', { RoomIds: slice(INT) }),
  RoomSet: struct('RoomsReply', { RoomIds: set(INT) }),
  NoArg: struct('NoArg', {}),
  Request: struct('Request', { ServiceMethod: STRING, Seq: UINT }),
  Response: struct('Response', { Seq: UINT, Error: STRING }),
};

/** Of a vector, or by its name. Throws if there is none. */
export const typeNamed = (name: string): StructType => {
  const type = types[name];
  if (type === undefined) throw new Error(`no type ${name}`);
  return type;
};
