import type { Check } from '../check.ts';
import { afterwardChecks } from './afterwards.ts';
import { bodyChecks } from './bodies.ts';
import { connectionChecks } from './connections.ts';
import { deliveryChecks } from './delivery.ts';
import { loadChecks } from './load.ts';
import { orderChecks } from './order.ts';
import { repeatChecks } from './repeats.ts';
import { brokenChecks, requestChecks } from './requests.ts';
import { roomChecks } from './rooms.ts';
import { sizeChecks } from './sizes.ts';
import { tokenChecks } from './tokens.ts';

export const CHECKS: readonly Check[] = [
  ...requestChecks,
  ...brokenChecks,
  ...sizeChecks,
  ...roomChecks,
  ...tokenChecks,
  ...connectionChecks,
  ...deliveryChecks,
  ...bodyChecks,
  ...repeatChecks,
  ...orderChecks,
  ...loadChecks,
  // Last: they look at what the others were answered.
  ...afterwardChecks,
];
