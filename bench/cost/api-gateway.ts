import { API_GATEWAY_PRICE, MONTH_S } from './prices.ts';
import { clientMessagesPerS, type Workload } from './workload.ts';

/** Dollars a month for the same connections and messages, of up to 32 KB, by API Gateway WebSocket; without what calls it for each. */
export const apiGatewayBill = (workload: Workload): number => {
  const { message, furtherMessage, firstMessages, connectionMinute } = API_GATEWAY_PRICE;
  const messages = clientMessagesPerS(workload) * MONTH_S;
  const first = Math.min(messages, firstMessages);
  const minutes = workload.connections * (MONTH_S / 60);
  return first * message + (messages - first) * furtherMessage + minutes * connectionMinute;
};
