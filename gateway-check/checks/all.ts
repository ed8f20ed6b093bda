import type { Check } from '../check.ts';
import { busyChecks } from './busy.ts';
import { connectionChecks } from './connections.ts';
import { deliveryChecks } from './delivery.ts';
import { orderChecks } from './order.ts';
import { requestChecks } from './requests.ts';
import { roomChecks } from './rooms.ts';
import { sizeChecks } from './sizes.ts';
import { tokenChecks } from './tokens.ts';

export const CHECKS: readonly Check[] = [
  ...requestChecks,
  ...sizeChecks,
  ...roomChecks,
  ...tokenChecks,
  ...connectionChecks,
  ...deliveryChecks,
  ...orderChecks,
  // Last: it looks at what the others were answered.
  ...busyChecks,
];
