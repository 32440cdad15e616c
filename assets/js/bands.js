// Many runs of one experiment: the band they fill, a few of them, their median and mean, and the exact expectation.
(function (g) {
  const LEFT = 46, RIGHT = 10, TOP = 42, PLOT = 150, FOOT = 38, GAP = 22;
  const KEY = [['median', 'median of all runs'], ['mean', 'mean of all runs'], ['theory', 'exact expectation'], ['half', 'middle half'],
    ['most', '90% of the runs'], ['run', 'single runs'], ['truth', 'the truth']];

  g.bands = function (element, props, watch) {
    const canvas = element.querySelector('canvas'), said = element.querySelector('.fig-read'), key = element.querySelector('.fig-key');
    let last = null, cursor = null, boxes = [];
    key.append(...KEY.map(([kind, name]) => {
      const item = document.createElement('span'), mark = document.createElement('i');
      mark.className = `bands-mark bands-${kind}`;
      item.append(mark, name);
      return item;
    }));

    function read(data) {
      last = data;
      key.hidden = !data;
      canvas.hidden = !data;
      if (data) KEY.forEach(([kind], k) => { key.children[k].hidden = !kinds(data.panels).includes(kind); });
      g.say(canvas, data ? data.label : 'No runs yet');
      tell();
    }

    function kinds(panels) {  // what there is to see: one run alone has no band, and not everything has a theory
      const bands = panels.filter(panel => panel.q05), many = bands.some(panel => panel.runs.length > 1);
      return ['median', ...many ? ['mean', 'half', 'most', 'run'] : [], ...bands.some(panel => panel.theory) ? ['theory'] : [],
        ...panels.some(panel => panel.truth !== undefined) ? ['truth'] : []];
    }

    function tell() {
      if (!last) { said.textContent = ''; return; }
      if (cursor === null) { said.textContent = last.hint; return; }
      const k = Math.min(last.panels[0].median.length - 1, Math.round(cursor));
      said.textContent = [`Generation ${g.count(k)}`, ...last.panels.map(panel => {
        const show = y => y === null || y === undefined ? '' : value(panel, y);
        const parts = panel.q05 ? [`median ${show(panel.median[k])}`, `90% between ${show(panel.q05[k])} and ${show(panel.q95[k])}`,
          `mean ${show(panel.mean[k])}`] : panel.lines.map(line => `${line.name} ${show(line.y[k])}`);
        if (panel.theory) parts.push(`exact ${show(panel.theory[k])}`);
        return `${panel.title}: ${parts.join(', ')}`;
      })].join(' · ');
    }

    function value(panel, y) {
      if (panel.percent) return `${Number((100 * y).toPrecision(y < 0.1 ? 2 : 3))}%`;
      return Math.abs(y) < 1e-4 && y ? y.toExponential(0).replace('-', '\u2212') : g.number(y).replace('-', '\u2212');
    }

    function paint(data) {
      const c = g.colours(element), width = canvas.parentElement.clientWidth, many = data.panels.length;
      const columns = width < 520 ? 1 : Math.min(2, many), lead = many % columns;  // where one is over, the first takes two places
      const rows = Math.ceil(many / columns), high = TOP + PLOT + FOOT, one = (width - GAP * (columns - 1)) / columns;
      const pen = g.sheet(canvas, width, rows * high + (rows - 1) * 8);
      boxes = data.panels.map((panel, k) => {
        const at = k && k + lead, wide = lead && !k ? width : one, x = (at % columns) * (one + GAP), y = Math.floor(at / columns) * (high + 8);
        pen.save();
        pen.translate(x, y);
        draw(pen, c, data, panel, wide);
        pen.restore();
        return {left: x + LEFT, right: x + wide - RIGHT, top: y, bottom: y + high};
      });
    }

    function span(panel) {  // the axis holds the bands and the truth; single runs and means may leave it
      const curves = panel.q05 ? [panel.q05, panel.q95, panel.median, panel.theory || []] : panel.lines.map(line => line.y);
      const f = panel.log ? y => Math.log10(Math.max(y, panel.floor)) : y => y;
      const values = [...curves.flat(), ...(panel.truth === undefined ? [] : [panel.truth])].filter(y => y !== null).map(f);
      let low = Math.min(...values), high = Math.max(...values);
      if (panel.log) { low = Math.min(low, Math.log10(0.3)); high = Math.max(high, Math.log10(2)); }
      else { low = Math.min(low, 0); if (high - low < 1e-9) high = low + 1; high += (high - low) * 0.06; }
      return {f, low, high};
    }

    function draw(pen, c, data, panel, wide) {
      const {f, low, high} = span(panel), plot = wide - LEFT - RIGHT, steps = data.generations;
      const px = k => LEFT + k / Math.max(1, steps) * plot, py = y => TOP + PLOT - (f(y) - low) / (high - low) * PLOT;
      pen.fillStyle = c.ink;
      pen.font = `600 13.5px ${c.font}`;
      pen.fillText(panel.title, 0, 14, wide);
      pen.fillStyle = c.soft;
      pen.font = `12.5px ${c.font}`;
      pen.fillText([panel.unit, panel.log ? 'log scale' : ''].filter(Boolean).join(', '), 0, 30, wide);
      pen.font = `12px ${c.font}`;
      pen.strokeStyle = c.rule;
      pen.lineWidth = 1;
      pen.textAlign = 'right';
      for (const y of panel.log ? decades(low, high) : g.ticks(low, high, 4)) {
        const place = Math.round(py(y)) + 0.5;
        path(pen, [[LEFT, place], [wide - RIGHT, place]]);
        pen.fillText(value(panel, y), LEFT - 6, place + 4);
      }
      pen.textAlign = 'center';
      for (const x of g.ticks(0, steps, plot < 260 ? 3 : 5)) pen.fillText(g.count(x), Math.min(px(x), wide - 10), TOP + PLOT + 16);
      pen.fillText('generation', LEFT + plot / 2, TOP + PLOT + 32);
      pen.textAlign = 'left';
      pen.save();
      pen.beginPath();
      pen.rect(LEFT, TOP - 2, plot, PLOT + 4);
      pen.clip();
      if (panel.q05) {
        fill(pen, c.series[0], 0.14, panel.q05, panel.q95);
        fill(pen, c.series[0], 0.26, panel.q25, panel.q75);
        pen.globalAlpha = 0.55;
        for (const run of panel.runs) stroke(pen, c.series[0], run, 1, []);
        pen.globalAlpha = 1;
      }
      if (panel.truth !== undefined) {
        pen.strokeStyle = c.soft;
        pen.setLineDash([2, 3]);
        path(pen, [[LEFT, py(panel.truth)], [wide - RIGHT, py(panel.truth)]]);
      }
      if (panel.q05) {
        stroke(pen, c.series[1], panel.mean, 2, []);
        stroke(pen, c.series[0], panel.median, 2.5, []);
      }
      for (const line of panel.lines || []) stroke(pen, c.series[line.colour], line.y, 2, line.dash ? [5, 4] : []);
      if (panel.theory) stroke(pen, c.ink, panel.theory, 1.8, [6, 4]);
      pen.restore();
      pen.setLineDash([]);
      let above = TOP - 4;  // names at the curves' ends, from the highest down, none over another
      for (const line of [...panel.lines || []].sort((a, b) => b.y[b.y.length - 1] - a.y[a.y.length - 1])) {
        above = Math.max(above + 15, Math.min(TOP + PLOT - 6, py(line.y[line.y.length - 1]) + 15));
        pen.fillStyle = c.series[line.colour];
        pen.font = `600 12px ${c.font}`;
        pen.textAlign = 'right';
        pen.fillText(line.name, wide - RIGHT - 2, Math.min(above, TOP + PLOT - 3));
      }
      if (cursor !== null) { pen.strokeStyle = c.ink; path(pen, [[px(cursor), TOP], [px(cursor), TOP + PLOT]]); }

      function stroke(pen, colour, curve, width, dash) {
        pen.strokeStyle = colour;
        pen.lineWidth = width;
        pen.setLineDash(dash);
        path(pen, curve.map((y, k) => [px(k), y === null ? NaN : py(y)]).filter(([, y]) => isFinite(y)));
      }

      function fill(pen, colour, alpha, lower, upper) {
        const points = [...upper.map((y, k) => [px(k), py(y)]), ...lower.map((y, k) => [px(k), py(y)]).reverse()];
        pen.fillStyle = colour;
        pen.globalAlpha = alpha;
        pen.beginPath();
        points.forEach(([x, y]) => pen.lineTo(x, y));
        pen.fill();
        pen.globalAlpha = 1;
      }
    }

    function path(pen, points) {
      pen.beginPath();
      points.forEach(([x, y]) => pen.lineTo(x, y));
      pen.stroke();
    }

    function decades(low, high) {
      const wide = high - low, each = Math.max(1, Math.ceil(wide / 5)), found = [];
      for (let e = Math.ceil(low / each) * each; e <= high; e += each) for (const k of wide < 2 ? [1, 2, 5] : [1]) found.push(k * 10 ** e);
      if (wide < 2) found.push(5 * 10 ** (Math.ceil(low) - 1), 2 * 10 ** (Math.ceil(low) - 1));
      return found.filter(y => Math.log10(y) >= low - 1e-9 && Math.log10(y) <= high + 1e-9);
    }

    function place(x) { cursor = x; if (last) { tell(); repaint(); } }
    canvas.addEventListener('pointermove', event => {
      const box = boxes.find(b => event.offsetX >= b.left - 8 && event.offsetX <= b.right + 8
        && event.offsetY >= b.top && event.offsetY <= b.bottom);
      if (box && last) place(Math.min(1, Math.max(0, (event.offsetX - box.left) / (box.right - box.left))) * last.generations);
    });
    canvas.addEventListener('pointerleave', () => place(null));
    canvas.addEventListener('keydown', event => {
      const move = {ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10}[event.key];
      if (!last || !(move || ['Home', 'End', 'Escape'].includes(event.key))) return;
      event.preventDefault();
      if (event.key === 'Escape') place(null);
      else place(event.key === 'Home' ? 0 : event.key === 'End' ? last.generations
        : Math.min(last.generations, Math.max(0, Math.round(cursor ?? 0) + move)));
    });
    const repaint = g.figure(element, props, watch, {read, paint});
  };
})(window.genlens);
