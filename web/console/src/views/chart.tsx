// A small chart of the last ten minutes: uPlot draws, the numbers stand beside it as text.

import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { effect, useSignal } from '@preact/signals';
import UPlot from 'uplot';
import { theme } from '../../../shared/theme.js';
import { clockText, numberText } from '../language/format.js';
import { locale, t } from '../language/index.js';
import { type Sample, spanOf } from '../model/history.js';
import type { Moment } from '../model/moment.js';
import { history } from '../state/live.js';

const HEIGHT = 128;
const SYNC = 'console';
/** The least height of the scale, so that nothing looks like much. */
const LEAST = 4;

/** A line: its number at a moment, and the custom property of its colour. */
export interface Series { readonly label: string; readonly color: string; readonly of: (moment: Moment) => number | null }

interface Properties {
  readonly title: string;
  readonly note: string;
  readonly series: readonly Series[];
  readonly text?: (value: number) => string;
}

const numberOf = ({ of }: Series, sample: Sample<Moment> | undefined) => (sample?.value ? of(sample.value) : null);

function dataOf(samples: readonly Sample<Moment>[], series: readonly Series[]): UPlot.AlignedData {
  return [samples.map(({ at }) => at / 1000), ...series.map((one) => samples.map((sample) => numberOf(one, sample)))];
}

function optionsOf(host: HTMLElement, series: readonly Series[], point: (n: number | null) => void): UPlot.Options {
  const style = getComputedStyle(host);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const font = `11px ${style.fontFamily}`;
  const axis = { stroke: () => color('--soft'), grid: { stroke: () => color('--line'), width: 1 }, ticks: { show: false }, font };
  return {
    width: host.clientWidth, height: HEIGHT, legend: { show: false }, padding: [8, 4, 0, 0],
    cursor: { y: false, points: { size: 7 }, sync: { key: SYNC }, drag: { x: false, y: false } },
    scales: {
      x: { time: true, range: (_, __, max) => [(max ?? 0) - spanOf(history.peek()) / 1000, max ?? 0] },
      y: { range: (_, __, max) => [0, Math.max(LEAST, (max ?? 0) * 1.15)] },
    },
    axes: [
      { ...axis, space: 70, size: 22, values: (_, ticks, __, ___, step) => ticks.map((at) => clockText(at * 1000).slice(0, step < 60 ? 8 : 5)) },
      { ...axis, space: 34, size: 40, values: (_, ticks) => ticks.map((value) => numberText(value)) },
    ],
    series: [{}, ...series.map((one, n) => ({
      label: one.label, stroke: () => color(one.color), width: 1.75, spanGaps: false, points: { show: false },
      ...(n === 0 && { fill: () => `${color(one.color)}1f` }),
    }))],
    hooks: { setCursor: [(plot) => point(plot.cursor.idx ?? null)] },
  };
}

/** The chart in its card. */
export function Chart({ title, note, series, text = numberText }: Properties) {
  const host = useRef<HTMLDivElement>(null);
  const pointed = useSignal<number | null>(null);
  useDrawing(host, series, (n) => { pointed.value = n; });
  const samples = history.value;
  const under = pointed.value === null ? undefined : samples[pointed.value];
  const shown = under ?? samples.at(-1);
  const values = series.map((one) => numberOf(one, shown));
  const write = (value: number | null | undefined) => (value == null ? '–' : text(value));
  return (
    <section class="card chart">
      <header><h2>{title}</h2><span class="soft">{under ? clockText(under.at) : note}</span></header>
      <ul class="legend">
        {series.map(({ label, color }, n) => (
          <li key={label}><span class="swatch" data-color={color} />{label} <strong>{write(values[n])}</strong></li>
        ))}
      </ul>
      <div ref={host} class="plot" role="img" aria-label={`${title}, ${t('chart.span', { count: spanOf(samples) / 60_000 })}`} />
    </section>
  );
}

function useDrawing(host: { current: HTMLDivElement | null }, series: readonly Series[], point: (n: number | null) => void): void {
  const plot = useRef<UPlot | null>(null);
  useLayoutEffect(() => {
    const element = host.current;
    if (!element) return;
    const made = plot.current = new UPlot(optionsOf(element, series, point), dataOf(history.peek(), series), element);
    const sizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      made.destroy();
    };
  }, []);
  useEffect(() => effect(() => plot.current?.setData(dataOf(history.value, series))), []);
  // Colours and words of the axes are asked for at each drawing; the style sheet needs its turn before.
  useEffect(() => effect(() => {
    theme.value;
    locale.value;
    requestAnimationFrame(() => plot.current?.redraw(false, true));
  }), []);
}
