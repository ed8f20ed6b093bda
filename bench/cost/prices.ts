/** List prices in dollars: us-east-1, arm64, without free tiers, November 2026. To compare: aws.amazon.com/lambda/pricing, /dynamodb/pricing/on-demand, /cloudwatch/pricing. */
export const PRICE = {
  lambdaRequest: 0.2e-6,
  lambdaGbSecond: 0.0000133334,
  /** Of 1 KB; a delete costs what it deletes. */
  dynamoDbWrite: 0.625e-6,
  /** Of 4 KB, consistent. */
  dynamoDbRead: 0.125e-6,
  logGb: 0.5,
  /** A month. */
  alarm: 0.1,
  metric: 0.3,
} as const;

/**
 * WebSocket APIs, us-east-1: AWS's Price List (`USE1-ApiGatewayMessage`, `USE1-ApiGatewayMinute`) as of 2025-07-01, the latest public copy of it
 * on 2026-11-26. A message is metered in steps of 32 KB: https://aws.amazon.com/api-gateway/pricing/.
 */
export const API_GATEWAY_PRICE = {
  message: 1e-6,
  /** Beyond `firstMessages` of a month. */
  furtherMessage: 0.8e-6,
  firstMessages: 1e9,
  connectionMinute: 0.25e-6,
} as const;

export const MONTH_S = 30 * 24 * 3600;

export const dollars = (amount: number): string =>
  `$${amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
