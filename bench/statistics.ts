export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Between the quartiles. */
  readonly iqr: number;
  readonly samples: number;
}

/** Linear between the two nearest. */
export const quantile = (sorted: readonly number[], share: number): number => {
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
};

export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    iqr: quantile(sorted, 0.75) - quantile(sorted, 0.25),
    samples: sorted.length,
  };
};

/** The same measurement in another unit. */
export const scaled = ({ median, min, max, iqr, samples }: Spread, factor: number): Spread => ({
  median: median * factor,
  min: min * factor,
  max: max * factor,
  iqr: iqr * factor,
  samples,
});

/** Of times in ms, with what the samples are: `284 ms (262 to 309, 9 runs)`. */
export const spreadText = (values: readonly number[], what: string): string => {
  const { median, min, max, samples } = spreadOf(values);
  const [mid, low, high] = [median, min, max].map((ms) => ms.toFixed(0));
  return `${mid} ms (${low} to ${high}, ${samples} ${what})`;
};
