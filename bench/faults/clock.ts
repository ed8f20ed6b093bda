/** In ms, of one clock for all processes of the machine; `performance.now` begins anew in each. */
export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;
