import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { FlowSecond } from '../../answers.ts';
import { count, dateTime } from '../format.ts';
import { type ChartPlan, lastOf, pointsOf } from './series.ts';

const HEIGHT_PX = 150;

const colorOf = (element: Element | null | undefined, property: 'background-color' | 'color'): string =>
  element ? getComputedStyle(element).getPropertyValue(property) : 'gray';

/** `03:10`. */
const clock = (second: number): string => dateTime(second * 1000).slice(11, 16);

/** The legend's own colours, so that the canvas has those of light and dark too. */
const optionsOf = (figure: HTMLElement, width: number, plan: ChartPlan): uPlot.Options => {
  const swatches = [...figure.querySelectorAll('.swatch')];
  const ink = colorOf(figure.querySelector('.quiet'), 'color');
  const line = colorOf(figure.querySelector('.grid-line'), 'background-color');
  const axis = {
    stroke: ink,
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
    font: '11px sans-serif',
  };
  return {
    width,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { y: false, points: { size: 5 } },
    scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.15)] } },
    axes: [
      { ...axis, size: 26, values: (_, seconds) => seconds.map(clock) },
      { ...axis, size: 46 },
    ],
    series: [
      {},
      ...swatches.map((swatch, index) => ({
        label: plan.series[index]?.name ?? '',
        stroke: colorOf(swatch, 'background-color'),
        width: 1.5,
        points: { show: plan.unit === 'ms', size: 4 },
      })),
    ],
  };
};

const Legend = ({ plan, seconds, end }: { plan: ChartPlan; seconds: readonly FlowSecond[]; end: number }) => (
  <ul class="legend">
    {plan.series.map(({ metric, name }, index) => (
      <li key={metric}>
        <span class={`swatch series-${index}`} aria-hidden="true" /> {name}{' '}
        <strong>{count(lastOf(metric, seconds, end) ?? 0)}</strong>
      </li>
    ))}
  </ul>
);

interface Props {
  readonly plan: ChartPlan;
  readonly seconds: readonly FlowSecond[];
  /** The last second that is over. */
  readonly end: number;
}

/** A chart of the last 15 minutes; what a screen reader is told is the legend, which has the last values. */
export const Chart = ({ plan, seconds, end }: Props) => {
  const figure = useRef<HTMLElement>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const points = pointsOf(plan, seconds, end) as uPlot.AlignedData;
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const draw = (): void => {
      if (figure.current === null || canvas.current === null) return;
      chart.current?.destroy();
      chart.current = new uPlot(
        optionsOf(figure.current, canvas.current.clientWidth, plan),
        points,
        canvas.current,
      );
    };
    const size = new ResizeObserver(() =>
      chart.current?.setSize({ width: canvas.current?.clientWidth ?? 0, height: HEIGHT_PX }),
    );
    draw();
    if (figure.current !== null) size.observe(figure.current);
    dark.addEventListener('change', draw);
    return () => {
      size.disconnect();
      dark.removeEventListener('change', draw);
      chart.current?.destroy();
    };
  }, [plan]);
  useEffect(() => chart.current?.setData(points), [end, seconds]);
  return (
    <figure class="card chart" ref={figure}>
      <figcaption>
        <h2>{plan.title}</h2> <span class="quiet">{plan.unit}</span>
      </figcaption>
      <Legend plan={plan} seconds={seconds} end={end} />
      <span class="grid-line" aria-hidden="true" />
      <div ref={canvas} aria-hidden="true" />
    </figure>
  );
};
