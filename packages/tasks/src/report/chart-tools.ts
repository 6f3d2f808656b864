/**
 * Code shared by the scripts of all reports: colours, ticks, axes, and charts that are redrawn when colours or width
 * change.
 */
export const chartTools = `
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colours = () => [0, 1, 2, 3, 4, 5, 6, 7].map((k) => css('--c' + k));
  const fmt = (v, d) => v == null || Number.isNaN(v) ? '–' : v === 0 ? '0'
    : Math.abs(v) < 1e-3 || Math.abs(v) >= 1e6 ? v.toExponential((d || 4) - 2) : String(Number(v.toPrecision(d || 4)));
  const sup = (e) => '10' + String(e).replace(/[-0-9]/g, (c) => c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[c]);
  const axis = (label, extra) => ({
    label, stroke: css('--soft'), font: '12px system-ui, sans-serif', labelFont: '13px system-ui, sans-serif', labelSize: 24,
    grid: { stroke: css('--grid'), width: 1 }, ticks: { stroke: css('--grid'), width: 1, size: 5 }, ...extra,
  });
  const size = (el) => ({ width: Math.max(240, el.clientWidth), height: el.clientWidth < 520 ? 300 : 380 });
  const drawn = [];
  const chart = (id, make) => {
    const el = document.getElementById(id);
    if (!el) return;
    const draw = () => {
      el.replaceChildren();
      const { options, data, label } = make(el);
      const plot = new uPlot({ ...size(el), legend: { show: false }, ...options }, data, el);
      el.setAttribute('role', 'img');
      el.setAttribute('aria-label', label);
      return plot;
    };
    let plot = draw();
    drawn.push({ el, redraw: () => { plot.destroy(); plot = draw(); } });
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawn.forEach((d) => d.redraw()));
  let width = innerWidth, waiting;
  addEventListener('resize', () => {
    if (innerWidth === width) return;
    width = innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(() => drawn.forEach((d) => d.redraw()), 100);
  });
`;
