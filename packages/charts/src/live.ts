import { drawn, element } from './draw.ts';
import { type Layout, layoutOf } from './layout.ts';
import { Reader, type Reading } from './read.ts';
import { drawable } from './scale.ts';
import type { ChartSpec } from './spec.ts';

/** A chart in a page: follows its width, is read by pointer and keyboard, and zooms along x. */

export interface LiveOptions {
  /** Called with what is read, and undefined when that ends. */
  readonly onRead?: (reading: Reading | undefined, by: 'pointer' | 'keyboard') => void;
}

export interface LiveChart {
  /** Draws other or longer curves, in the next frame. */
  update(spec: ChartSpec): void;
  /** Scales the visible part of x about its middle and shifts it by a share of its length. */
  zoom(times: number, shift?: number): void;
  destroy(): void;
}

/** Pixels: of a drag that is no click, and from a curve that is pointed at. */
const [DRAG, NEAR] = [6, 24];

/** An interval scaled about its middle and shifted by a share of its length, within the full range. */
export function zoomed(
  [min, max]: readonly [number, number],
  [low, high]: readonly [number, number],
  times: number,
  shift: number,
  log: boolean,
): [number, number] {
  const [to, back] = log ? [Math.log10, (v: number) => 10 ** v] : [Number, Number];
  const [first, last] = [to(low), to(high)];
  const length = to(max) - to(min);
  const size = Math.min(last - first, length * times);
  const start = (to(min) + to(max) - size) / 2 + shift * length;
  const from = Math.min(Math.max(start, first), last - size);
  // The exact ends, without rounding errors.
  return [from === first ? low : back(from), from + size === last ? high : back(from + size)];
}

class Live implements LiveChart {
  private readonly place: HTMLElement;
  private readonly options: LiveOptions;
  private spec: ChartSpec;
  private reader: Reader | undefined;
  private layout: Layout | undefined;
  private view: readonly [number, number] | undefined;
  private width = 0;
  private frame = 0;
  private at: number | undefined;
  private pressed: number | undefined;
  private readonly ending = new AbortController();
  private readonly observer: ResizeObserver;

  constructor(place: HTMLElement, spec: ChartSpec, options: LiveOptions) {
    this.place = place;
    this.spec = spec;
    this.options = options;
    place.tabIndex = 0;
    place.style.touchAction = 'pan-y';
    const { signal } = this.ending;
    const on = <K extends keyof HTMLElementEventMap>(name: K, act: (event: HTMLElementEventMap[K]) => void) =>
      place.addEventListener(name, act, { signal });
    on('pointermove', (event) => this.point(event));
    on('pointerdown', (event) => this.press(event));
    on('pointerup', (event) => this.release(event));
    on('pointercancel', () => this.leave());
    on('pointerleave', () => this.leave());
    on('dblclick', () => this.show(undefined));
    on('keydown', (event) => this.key(event));
    on('blur', () => this.leave());
    // Also tells when a place is first seen: one in a closed part of the page is not drawn.
    this.observer = new ResizeObserver(([entry]) => {
      this.width = Math.floor(entry.contentRect.width);
      this.schedule();
    });
    this.observer.observe(place);
  }

  update(spec: ChartSpec): void {
    const axes = ({ x, y }: ChartSpec) => JSON.stringify([x, y]);
    if (axes(spec) !== axes(this.spec)) this.view = undefined;
    this.spec = spec;
    this.reader = undefined;
    this.schedule();
  }

  zoom(times: number, shift = 0): void {
    const whole = this.layout && layoutOf(this.spec, { width: this.layout.width }).x;
    if (!this.layout || !whole || !(whole.high > whole.low)) return;
    const { x } = this.layout;
    const full = [whole.low, whole.high] as const;
    // To the reader, later is rightwards.
    const sign = this.spec.x.reversed ? -1 : 1;
    const view = zoomed([x.low, x.high], full, times, sign * shift, x.log);
    this.show(view[0] === full[0] && view[1] === full[1] ? undefined : view);
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.observer.disconnect();
    this.ending.abort();
    this.place.replaceChildren();
  }

  private show(view: readonly [number, number] | undefined): void {
    this.view = view;
    this.schedule();
  }

  /** At most one drawing a frame, however fast points arrive. */
  private schedule(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    if (this.width === 0) return;
    this.layout = layoutOf(this.spec, { width: this.width, view: this.view });
    this.place.innerHTML = drawn(this.layout);
    if (this.at !== undefined) this.mark(this.at);
  }

  /** The position of a pointer in the drawing. */
  private position({ clientX, clientY }: PointerEvent) {
    const { left, top } = this.place.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  private reading(): Reader {
    this.reader ??= new Reader(this.spec);
    return this.reader;
  }

  private point(event: PointerEvent): void {
    const { layout } = this;
    if (!layout) return;
    const { x, y } = this.position(event);
    const { left, right } = layout.box;
    if (this.pressed !== undefined && Math.abs(x - this.pressed) > DRAG) {
      const [from, to] = [Math.max(left, Math.min(x, this.pressed)), Math.min(right, Math.max(x, this.pressed))];
      this.overlay(this.band(from, to));
      return;
    }
    const at = this.reading().nearest(x, layout.x.at, layout.x.back(x));
    if (at === undefined) return;
    const nearest = this.mark(at, y);
    this.options.onRead?.({ ...this.reading().read(at), nearest }, 'pointer');
  }

  private band(from: number, to: number): string {
    const { top, bottom } = this.layout!.box;
    return element('rect', {
      ...{ x: from, y: top, width: Math.max(0, to - from), height: bottom - top },
      ...{ fill: 'var(--ink)', 'fill-opacity': '0.12' },
    });
  }

  private press(event: PointerEvent): void {
    // A finger reads; the buttons beside the chart zoom.
    if (event.pointerType === 'touch' || event.button !== 0) return;
    this.pressed = this.position(event).x;
  }

  private release(event: PointerEvent): void {
    const start = this.pressed;
    this.pressed = undefined;
    if (start === undefined || !this.layout) return;
    const { x } = this.position(event);
    const { x: scale, box } = this.layout;
    if (Math.abs(x - start) <= DRAG) return;
    const inside = (v: number) => Math.min(Math.max(v, box.left), box.right);
    const ends = [scale.back(inside(start)), scale.back(inside(x))].sort((a, b) => a - b);
    if (ends[1] > ends[0]) this.show([ends[0], ends[1]]);
  }

  private leave(): void {
    this.pressed = undefined;
    this.at = undefined;
    this.overlay('');
    this.emphasise(undefined);
    this.options.onRead?.(undefined, 'pointer');
  }

  private key(event: KeyboardEvent): void {
    const { layout } = this;
    const ends = layout && this.reading().ends();
    if (!layout || !ends || event.ctrlKey || event.metaKey || event.altKey) return;
    const { x: scale, box } = layout;
    const [first, last] = this.spec.x.reversed ? [ends[1], ends[0]] : ends;
    const gap = (box.right - box.left) / 100;
    const step = (sign: 1 | -1) => (this.at === undefined ? first : this.reading().next(this.at, sign, gap, scale.at));
    const moves: Record<string, () => number | undefined> = {
      ArrowRight: () => step(1),
      ArrowLeft: () => step(-1),
      Home: () => first,
      End: () => last,
    };
    if (event.key === '+' || event.key === '=') this.zoom(0.5);
    else if (event.key === '-') this.zoom(2);
    else if (event.key === 'Escape') this.leave();
    else if (Object.hasOwn(moves, event.key)) {
      const at = moves[event.key]() ?? this.at;
      if (at === undefined) return;
      this.mark(at);
      this.options.onRead?.(this.reading().read(at), 'keyboard');
    } else return;
    event.preventDefault();
  }

  /** A rule at x with a dot on each curve; the curve nearest to a height stands out, and its place is returned. */
  private mark(at: number, height?: number): number | undefined {
    const { layout } = this;
    if (!layout) return undefined;
    this.at = at;
    const { box, x, y, curves } = layout;
    const position = x.at(at);
    if (!(position >= box.left - 1 && position <= box.right + 1)) {
      this.overlay('');
      return undefined;
    }
    const rule = element('rect', {
      x: position - 0.5,
      y: box.top,
      width: 1,
      height: box.bottom - box.top,
      fill: 'var(--soft)',
    });
    const { values: read } = this.reading().read(at);
    const values = new Map(read.map((v) => [v.place, v.y]));
    let nearest: { place: number; far: number } | undefined;
    const dots = curves.map(({ colour, place }) => {
      const value = values.get(place);
      if (!drawable(value, y.log)) return '';
      const cy = y.at(value);
      if (cy < box.top - 5 || cy > box.bottom + 5) return '';
      const far = Math.abs(cy - (height ?? Infinity));
      if (far < NEAR && (!nearest || far < nearest.far)) nearest = { place, far };
      return element('circle', {
        cx: position,
        cy,
        r: 4,
        fill: `var(${colour})`,
        stroke: 'var(--paper)',
        'stroke-width': 1.5,
      });
    });
    this.overlay(rule + dots.join(''));
    this.emphasise(curves.length > 2 ? nearest?.place : undefined);
    return nearest?.place;
  }

  private overlay(markup: string): void {
    const svg = this.place.querySelector('svg');
    svg?.querySelector(':scope > .reading')?.remove();
    if (markup !== '')
      svg?.insertAdjacentHTML('beforeend', element('g', { class: 'reading', 'pointer-events': 'none' }, markup));
  }

  private emphasise(place: number | undefined): void {
    for (const curve of this.place.querySelectorAll<SVGGElement>('.curve')) {
      curve.style.opacity = place === undefined || Number(curve.dataset.series) === place ? '' : '0.3';
    }
  }
}

/** Shows a chart in an element of a page. */
export const mount = (place: HTMLElement, spec: ChartSpec, options: LiveOptions = {}): LiveChart =>
  new Live(place, spec, options);
