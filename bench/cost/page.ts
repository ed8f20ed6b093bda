import { VIEW_TTL_MS } from '../../lib/domain/limits.ts';
import { committedFigures } from './figures.ts';
import { idleTable } from './idle.ts';
import { downHour, outageTable } from './outage.ts';
import { dollars } from './prices.ts';
import { recordsTable } from './records.ts';
import { roomReadsTable } from './room-reads-table.ts';
import { billsTable, setsTable } from './sets.ts';

/** docs/cost.md, of the committed figures. */
export const costPage = async (): Promise<string> => {
  const { figures, source } = committedFigures();
  return `# What it costs

This page is made by \`npm run cost -- --write\`; \`npm run cost\` answers for a set of yours, calibrated by the last \`npm run bench\` of the checkout (\`-- --help\` has its
options). It is an estimate from AWS's list prices in us-east-1 ([of which date, and from where](../bench/cost/prices.ts)), ${source}, and what is assumed below. Nothing of it was measured on AWS.

${idleTable(figures)}

## Four sets

${setsTable()}

Connections choose their comet and their one room at random; notifications has nobody who changes rooms, the largest 100 changes a second of which comet has which room and 100 partitions, the others 10 and 20.

${billsTable(figures)}

- **API Gateway WebSocket** is billed for each message to each connection and for each minute of a connection. Its price holds the connections too, which here are the comets' own work: "left, a comet" is what the machine of each comet, and its
  share of Kafka, may cost until both are as dear. What calls API Gateway for each message, and keeps who is where, is not in its column. A message over 32 KB is metered as several there. Its prices are those of AWS's Price List as of 2025-07-01.
- **At once**: the mean / the most, if no comet hangs. Beside them one \`mergeRooms\`, for a minute two, and one \`redeliver\` for each comet that is behind.
- **Read units a second**: the fleet's header / rooms / who is behind. All are consistent, of 4 KB.
- **Added latency**: of a record in the middle of its batch / of the first of a batch, from the topic until the comet has answered, in steady state. What Lambda's pollers and cold starts add is not in it.
- **Partitions needed**: so that full batches of 1,000 records are as fast as the records, with nothing in reserve; a set that needs more than its 4 sandboxes is billed for as many.

## A million records

PUSH records at 1,000 a second, 20 partitions in 4 sandboxes, beside what the set costs idle:

${recordsTable(figures)}

With window 0 every trickle of records is a batch of its own, and each batch is a log line, a look at each of its partitions for who is behind, and with \`DELIVERY=invoke\` an Invoke and three lines of Lambda's own log a comet.

## Rooms

\`dispatch\` reads the header of the fleet each ${VIEW_TTL_MS} ms, and of the rooms of its batches those that are new to it or have changed; busy all month, in 8 sandboxes of 100 batches a second, counted in its own code:

${await roomReadsTable()}

The last row has more changes than a header names, so all rooms are read each second. A sandbox without a batch reads nothing. Each change is a write of the room's item too, and the header is written with its names.

## A comet that is down

About ${dollars(downHour())} an hour (\`redeliver\` waits, renews its lease, looks and probes), and its parked ops, nearly all of it writes:

${outageTable()}

## What is assumed, and what is left out

- Assumed of AWS: a batch waits 5 ms for DynamoDB, 12 ms for an Invoke beside what \`deliver\` takes, and 7 ms for a comet's answer; 50 comets are called at a time. CPU comes on top, as \`npm run bench\` measures it for records of 100 bytes and stock comets
  over gRPC, on a vCPU that is as fast as a core of its machine: 1,769 MB of a function have one.
- Traffic is even. A peak costs what it has more in records, but sandboxes, concurrency and partitions must be enough for the peak: ask for its rates.
- \`mergeRooms\`: its memory is measured with three comets a room, and taken in proportion to comets × rooms beyond; its CPU is not in the model, and a fleet of 1,000 comets with long lists was not measured. Stock comets are asked each second; with comets over HTTP that say when their rooms
  change, the header and its lease are written up to five times a second while they do.
- Left out: the comets, Kafka and its pollers (on demand they cost nothing, provisioned ones about $133 a month each), the interface endpoint for Lambda or a NAT gateway, traffic between zones and to clients, X-Ray, free tiers, discounts.
`;
};
