import { chartTools } from '@southwell/tasks';

/** The script of a paper's page, as text: it draws each chart of DATA with uPlot. */
export const paperCharts = `
(() => {
${chartTools}
  const DASHES = { solid: undefined, dashed: [8, 4], dotted: [2, 3] };
  // Powers of ten, with multiples if these are few. uPlot's own tick search does not terminate below 1e-24.
  const logSplits = (u, side, min, max) => {
    const low = Math.floor(Math.log10(min) + 1e-9), high = Math.ceil(Math.log10(max) - 1e-9), decades = high - low;
    const out = [];
    for (let e = low; e <= high; e += Math.max(1, Math.ceil(decades / 6))) {
      for (const d of decades > 2 ? [1] : [1, 2, 5]) if (d * 10 ** e >= min * 0.999 && d * 10 ** e <= max * 1.001) out.push(d * 10 ** e);
    }
    return out;
  };
  const logName = (v) => {
    const e = Math.floor(Math.log10(v) + 1e-9), d = Math.round(v / 10 ** e);
    return e > -4 && e < 4 ? String(Number(v.toPrecision(1))) : (d === 1 ? '' : d + '·') + sup(e);
  };
  DATA.charts.forEach((c, at) => chart('chart-' + at, () => {
    const palette = colours();
    const read = document.getElementById('chart-' + at + '-read');
    const logAxis = { splits: logSplits, filter: (u, s) => s, values: (u, s) => s.map(logName) };
    const plain = { values: (u, s) => s.map((v) => fmt(v)) };
    let focused = null;
    const say = (u) => {
      const i = u.cursor.idx;
      if (focused == null || i == null) { read.textContent = read.dataset.hint; return; }
      // Joined curves have gaps: use the last value at or before the cursor.
      let k = i;
      while (k >= 0 && u.data[focused][k] == null) k--;
      read.textContent = c.curves[focused - 1].name + ': ' + fmt(k < 0 ? null : u.data[focused][k]) + ' at ' + fmt(u.data[0][i]) + ' ' + c.x;
    };
    return {
      label: c.title + ': ' + c.y + ' against ' + c.x + ' of ' + c.curves.map((l) => l.name).join(', ') + '.',
      data: uPlot.join(c.curves.map((l) => [l.x, l.y])),
      options: {
        padding: [14, 18, 0, 0],
        scales: { x: { time: false, distr: c.logX ? 3 : 1 }, y: { distr: c.logY ? 3 : 1 } },
        axes: [axis(c.x, { size: 34, ...(c.logX ? logAxis : plain) }), axis(c.y + (c.logY ? ' (log scale)' : ''), { size: 62, ...(c.logY ? logAxis : plain) })],
        focus: { alpha: 0.25 },
        cursor: { focus: { prox: 24 }, drag: { x: true, y: true, uni: 20 } },
        series: [{}, ...c.curves.map((l) => ({ label: l.name, stroke: palette[l.colour], dash: DASHES[l.dash], width: 2, spanGaps: true, points: { show: l.x.length < 3, size: 6, fill: palette[l.colour] } }))],
        hooks: { setSeries: [(u, k) => { focused = k; say(u); }], setCursor: [say] },
      },
    };
  }));
})();
`;
