import { calibrationChart } from '../../classes/report.ts';
import { chartTools } from '../../report/chart-tools.ts';

/** The script of a fit's report, as text: it draws DATA with uPlot. */
export const charts = `
(() => {
${chartTools}  // Powers of ten get their name; where there are few, twos and fives too.
  const logTicks = (u, splits, axis) => {
    const side = u.axes[axis];
    const { min, max } = u.scales[side.scale];
    const decades = Math.log10(max / min);
    return splits.map((v) => {
      if (v == null) return '';
      const e = Math.floor(Math.log10(v) + 1e-9), d = Math.round(v / 10 ** e);
      const keep = decades > 5 ? d === 1 && e % Math.ceil(decades / 5) === 0 : d === 1 || (u.bbox.width / devicePixelRatio / decades > 170 && axis === 0 && (d === 2 || d === 5)) || (decades < 1.6 && (d === 2 || d === 5));
      if (!keep) return '';
      return e > -4 && e < 4 ? String(Number(v.toPrecision(1))) : d === 1 ? sup(e) : d + '·' + sup(e);
    });
  };
  // Grid lines only at labelled ticks.
  const named = (u, splits, at) => logTicks(u, splits, at).map((text, k) => text === '' ? null : splits[k]);
  const marks = (list) => (u) => {
    const { ctx } = u, r = devicePixelRatio;
    ctx.save();
    ctx.font = 12 * r + 'px system-ui, sans-serif';
    ctx.strokeStyle = css('--mark'); ctx.fillStyle = css('--mark'); ctx.lineWidth = r;
    const xs = list.map((m) => u.valToPos(m.x, 'x', true));
    const one = list.length === 2 && Math.abs(xs[0] - xs[1]) < 1;
    list.forEach((m, k) => {
      if (one && k === 1) return;
      const x = xs[k], label = one ? list.map((q) => q.label).join(' = ') : m.label;
      ctx.setLineDash(k === 0 ? [4 * r, 4 * r] : []);
      ctx.beginPath(); ctx.moveTo(x, u.bbox.top); ctx.lineTo(x, u.bbox.top + u.bbox.height); ctx.stroke();
      // The labels are on the outer sides of the two lines, so that they never overlap.
      const other = xs[1 - k];
      const width = ctx.measureText(label).width;
      const rightwards = list.length === 2 && !one ? x >= other : x + width + 8 * r < u.bbox.left + u.bbox.width;
      ctx.textAlign = rightwards ? 'left' : 'right';
      ctx.textBaseline = 'bottom';
      ctx.fillText(label, x + (rightwards ? -1 : 1) * r, u.bbox.top - 4 * r);
    });
    ctx.restore();
  };
  const logX = { time: false, distr: 3, dir: -1, range: (u, min, max) => [min, max] };
  const alphaAxis = () => axis('alpha, log scale (weaker →)', {
    size: 34, values: logTicks,
    grid: { stroke: css('--grid'), width: 1, filter: named }, ticks: { stroke: css('--grid'), width: 1, size: 5, filter: named },
  });
  const choices = DATA.marks || [];

  chart('paths', (el) => {
    const { alphas, lines } = DATA.path;
    const wide = el.clientWidth >= 520;
    const palette = colours(), labelled = Math.min(wide ? 8 : 5, lines.length);
    const read = document.getElementById('paths-read');
    const hint = read.dataset.hint;
    let focused = null;
    const say = (u) => {
      const i = u.cursor.idx;
      if (focused == null || i == null) { read.textContent = hint; return; }
      read.textContent = lines[focused - 1].name + ': ' + fmt(u.data[focused][i]) + ' per sd at alpha ' + fmt(u.data[0][i]);
    };
    const labels = (u) => {
      const { ctx } = u, r = devicePixelRatio, x = u.bbox.left + u.bbox.width + 6 * r;
      ctx.save();
      ctx.font = 12 * r + 'px system-ui, sans-serif'; ctx.textBaseline = 'middle'; ctx.textAlign = 'left';
      const at = lines.slice(0, labelled).map((l, k) => ({ k, y: u.valToPos(l.values[0], 'y', true), name: l.name })).sort((a, b) => a.y - b.y);
      const gap = 15 * r, top = u.bbox.top + 6 * r, bottom = u.bbox.top + u.bbox.height - 6 * r;
      for (let k = 0; k < at.length; k++) at[k].t = Math.max(at[k].y, top, k ? at[k - 1].t + gap : 0);
      for (let k = at.length - 1; k >= 0; k--) at[k].t = Math.min(at[k].t, k === at.length - 1 ? bottom : at[k + 1].t - gap);
      const room = (wide ? 150 : 84) * r;
      for (const l of at) {
        ctx.fillStyle = palette[l.k];
        // Names often differ at their ends, so the middle is omitted.
        let text = l.name;
        for (let keep = l.name.length - 1; keep > 2 && ctx.measureText(text).width > room; keep--) {
          const head = Math.floor(keep / 3);
          text = l.name.slice(0, head) + '…' + l.name.slice(head - keep);
        }
        ctx.fillText(text, x, l.t);
      }
      ctx.restore();
    };
    return {
      label: 'Coefficient paths of ' + lines.length + ' features as alpha falls; the values are in the table of coefficients.',
      data: [alphas, ...lines.map((l) => l.values)],
      options: {
        padding: [22, wide ? 160 : 92, 0, 0],
        scales: { x: logX },
        axes: [alphaAxis(), axis('coefficient × sd of its feature', { size: 58, values: (u, s) => s.map((v) => fmt(v)) })],
        focus: { alpha: 0.25 },
        cursor: { focus: { prox: 24 }, points: { size: 7 }, drag: { x: true, y: true, uni: 20 } },
        series: [{}, ...lines.map((l, k) => ({ label: l.name, stroke: k < labelled ? palette[k] : css('--faint'), width: k < labelled ? 2 : 1, dash: k >= 5 && k < labelled ? [6, 3] : undefined, points: { show: alphas.length < 3 } }))],
        hooks: {
          draw: [labels, marks(choices)],
          setSeries: [(u, k) => { focused = k; say(u); }],
          setCursor: [say],
        },
      },
    };
  });

  chart('cv', () => {
    const { alphas, mean, low, high, name } = DATA.cv;
    const read = document.getElementById('cv-read');
    return {
      label: 'Cross-validated ' + name + ' against alpha with a band of one standard error; the best and the one-standard-error choice are in the table below.',
      data: [alphas, high, low, mean],
      options: {
        padding: [22, 28, 0, 0],
        scales: { x: logX },
        axes: [alphaAxis(), axis(name + ' (mean ± 1 se)', { size: 58, values: (u, s) => s.map((v) => fmt(v)) })],
        cursor: { drag: { x: true, y: true, uni: 20 } },
        series: [{}, { width: 0 }, { width: 0 }, { stroke: css('--plus'), width: 2, points: { show: true, size: 4, fill: css('--plus') } }].map((s) => ({ points: { show: false }, ...s })),
        bands: [{ series: [1, 2], fill: css('--band') }],
        hooks: {
          draw: [marks(choices)],
          setCursor: [(u) => { const i = u.cursor.idx; read.textContent = i == null ? read.dataset.hint : 'alpha ' + fmt(alphas[i]) + ': ' + fmt(mean[i]) + ' ± ' + fmt((high[i] - low[i]) / 2, 2); }],
        },
      },
    };
  });

${calibrationChart}
  chart('survival', () => {
    const palette = colours();
    const { times, lines } = DATA.survival;
    const names = document.getElementById('survival-names');
    names.replaceChildren(...lines.map((l, k) => {
      const name = document.createElement('span');
      name.textContent = '■ ' + l.name + '  ';
      name.style.color = palette[k % palette.length];
      return name;
    }));
    return {
      label: 'Share without an event against time: ' + lines.map((l) => l.name + ' ends at ' + fmt(l.values.filter((v) => v != null).pop(), 2)).join(', ') + '.',
      data: [times, ...lines.map((l) => l.values)],
      options: {
        padding: [14, 28, 0, 0],
        scales: { x: { time: false }, y: { range: () => [0, 1] } },
        axes: [axis('time', { size: 34 }), axis('share without an event', { size: 58 })],
        cursor: { drag: { x: false, y: false } },
        series: [{}, ...lines.map((l, k) => ({ label: l.name, stroke: palette[k % palette.length], width: 2, points: { show: false } }))],
      },
    };
  });

  chart('convergence', () => {
    const { kept, others, tol } = DATA.convergence;
    const all = [kept, ...others];
    const longest = Math.max(...all.map((l) => l.seconds[l.seconds.length - 1]));
    const unit = longest < 1 ? 1000 : 1;
    // A fit with a single iterate has no line, and its gap (often zero) must not stretch the axis.
    const gaps = [kept, ...others.filter((l) => l.gap.length > 1)].flatMap((l) => l.gap).filter((g) => g != null).concat(tol > 0 ? [tol] : []);
    const low = 10 ** Math.floor(Math.log10(Math.min(...gaps))), high = 10 ** Math.ceil(Math.log10(Math.max(...gaps)) + 1e-9);
    const decades = Math.round(Math.log10(high / low)), step = Math.max(1, Math.ceil(decades / 8));
    const ticks = Array.from({ length: Math.floor(decades / step) + 1 }, (_, k) => high / 10 ** (k * step)).reverse();
    const faint = (u) => {
      const { ctx } = u, r = devicePixelRatio;
      ctx.save();
      ctx.beginPath(); ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height); ctx.clip();
      ctx.strokeStyle = css('--faint'); ctx.lineWidth = 0.7 * r;
      for (const l of others) {
        ctx.beginPath();
        l.gap.forEach((g, k) => { if (g != null) ctx.lineTo(u.valToPos(l.seconds[k] * unit, 'x', true), u.valToPos(g, 'y', true)); });
        ctx.stroke();
      }
      if (tol > 0) {
        const y = u.valToPos(tol, 'y', true);
        ctx.strokeStyle = css('--minus'); ctx.lineWidth = r; ctx.setLineDash([5 * r, 5 * r]);
        ctx.beginPath(); ctx.moveTo(u.bbox.left, y); ctx.lineTo(u.bbox.left + u.bbox.width, y); ctx.stroke();
      }
      ctx.restore();
    };
    return {
      label: 'Relative gap against time, logarithmic; the kept fit ends at ' + fmt(kept.gap.filter((g) => g != null).pop(), 2) + '.',
      data: [kept.seconds.map((v) => v * unit), kept.gap],
      options: {
        padding: [14, 28, 0, 0],
        scales: { x: { time: false, range: () => [0, longest * unit || 1] }, y: { distr: 3, range: () => [low, high] } },
        axes: [
          axis(unit === 1 ? 'seconds since the fit began' : 'milliseconds since the fit began', { size: 34 }),
          axis('relative gap (log scale)', { size: 58, splits: () => ticks, filter: (u, s) => s, values: (u, s) => s.map((v) => v == null ? '' : v === 1 ? '1' : sup(Math.round(Math.log10(v)))) }),
        ],
        cursor: { drag: { x: false, y: false } },
        series: [{}, { stroke: css('--plus'), width: 2.5, points: { show: true, size: 6, fill: css('--plus') } }],
        hooks: { drawAxes: [faint] },
      },
    };
  });
})();
`;
