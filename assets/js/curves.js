// Curves against the step: one panel per unit, axis numbers and units, names as text, and a cursor with its values.
(function (g) {
  const LEFT = 42, RIGHT = 10, TOP = 48, FOOT = 38, PLOT = 132, GAP = 20, KEY = 17, BELOW = 14;

  g.curves = function (element, props, watch) {
    const canvas = element.querySelector('canvas'), said = element.querySelector('.fig-read');
    // top, left and tall are the same in all panels: room for names and axis numbers, and the height of a plot
    let last = null, cursor = null, boxes = [], top = TOP, left = LEFT, tall = PLOT;

    function read(data) {
      last = data;
      if (!data) { said.textContent = ''; g.say(canvas, 'No curves yet'); return; }
      g.say(canvas, data.label);
      tell();
    }

    function near(line, x) {  // the value at the last recorded step not beyond x, by bisection
      if (line.dots) {  // in any order: the nearest one
        const k = line.x.reduce((best, at, i) => Math.abs(at - x) < Math.abs(line.x[best] - x) ? i : best, 0);
        return {x: line.x[k], y: line.y[k]};
      }
      let low = 0, high = line.x.length - 1;
      if (high < 0 || x < line.x[0]) return null;
      while (low < high) { const mid = (low + high + 1) >> 1; if (line.x[mid] <= x) low = mid; else high = mid - 1; }
      return {x: line.x[low], y: line.y[low]};
    }

    function tell() {
      if (cursor === null) { said.textContent = last.hint || ''; return; }
      const parts = last.panels.map(panel => {
        const hits = panel.lines.map(line => [line.name, near(line, cursor)]).filter(([, hit]) => hit && hit.y !== null);
        const values = hits.map(([name, hit]) => `${name} ${value(panel, hit.y)}`).join(', ');
        return hits.length ? `${panel.title}: ${values}${panel.unit ? ' ' + panel.unit : ''}` : '';
      });
      const at = g.count(Math.round(cursor));
      said.textContent = [last.unit.startsWith('%') ? `At ${at}${last.unit}` : `At ${last.unit} ${at}`, ...parts.filter(Boolean)].join(' · ');
    }

    function value(panel, y) { return panel.percent ? `${Math.round(100 * y)}%` : g.number(y).replace('-', '\u2212'); }

    function paint(data) {
      const c = g.colours(element), width = canvas.parentElement.clientWidth, many = data.panels.length;
      const fit = many > 3 ? Math.max(1, Math.floor((width + GAP) / (200 + GAP))) : 1;  // of many panels as many as fit beside each other
      const columns = width / many < 180 ? fit : many, rows = Math.ceil(many / columns);
      const wide = (width - GAP * (columns - 1)) / columns, measure = canvas.getContext('2d');
      measure.font = `12px ${c.font}`;
      top = TOP + KEY * (Math.max(...data.panels.map(panel => places(measure, panel, wide).rows)) - 1);
      if (data.panels.some(panel => panel.lines.some(line => line.tags))) top += 10;
      const named = data.panels.flatMap(panel => labels(panel, marked(panel, extent(panel))));
      const numbers = named.map(name => measure.measureText(name).width);
      left = Math.max(LEFT, Math.ceil(Math.max(0, ...numbers)) + 9);
      tall = data.tall || PLOT;
      const high = top + tall + FOOT + BELOW, pen = g.sheet(canvas, width, rows * high - BELOW);
      boxes = data.panels.map((panel, k) => {
        const x = (k % columns) * (wide + GAP), y = Math.floor(k / columns) * high;
        pen.save();
        pen.translate(x, y);
        drawPanel(pen, c, data, panel, wide);
        pen.restore();
        return {left: x + left, right: x + wide - RIGHT, top: y, bottom: y + high};
      });
    }

    function extent(panel) {  // ends of the value axis, as decades where it is logarithmic
      const values = panel.lines.flatMap(line => [...line.y, ...line.low || [], ...line.high || []]).filter(y => y !== null && isFinite(y) && (!panel.log || y > 0));
      const f = panel.log ? Math.log10 : y => y;
      let low = panel.low ?? Math.min(...values, Infinity), high = panel.high ?? Math.max(...values, -Infinity);
      if (!isFinite(low)) [low, high] = [0, 1];
      if (high - low < 1e-9) high = low + Math.max(panel.percent ? 0.1 : 1e-6, Math.abs(low) * 0.1);
      [low, high] = [f(low), f(high)];
      const room = (high - low) * 0.04;  // so that no curve runs along the edge
      if (panel.low === undefined) low -= room;
      if (panel.high === undefined) high += room;
      return [low, high];
    }

    function labels(panel, marks) {  // as short as they can be while they differ
      const short = marks.map(y => value(panel, y)), scale = panel.percent ? 100 : 1;
      if (new Set(short).size === short.length) return short;
      const places = Math.max(0, Math.ceil(-Math.log10(scale * Math.abs(marks[1] - marks[0])) - 1e-9));
      return marks.map(y => (scale * y).toFixed(places).replace('-', '\u2212') + (panel.percent ? '%' : ''));
    }

    function marked(panel, [low, high]) { return panel.log ? decades(low, high) : g.ticks(low, high, 4); }

    function drawPanel(pen, c, data, panel, wide) {
      const [low, high] = extent(panel), f = panel.log ? Math.log10 : y => y;
      const plot = wide - left - RIGHT, first = data.first || 0, span = Math.max(1, data.steps - first);
      const along = data.logx ? x => Math.log(x / first) / Math.log(data.steps / first) : x => (x - first) / span;
      const px = x => left + along(x) * plot, py = y => top + tall - (f(y) - low) / (high - low) * tall;
      pen.textBaseline = 'alphabetic';
      pen.fillStyle = c.ink;
      pen.font = `600 13.5px ${c.font}`;
      pen.fillText(panel.title, 0, 15);
      const titled = pen.measureText(panel.title + ' ').width;
      pen.fillStyle = c.soft;
      pen.font = `12.5px ${c.font}`;
      if (panel.unit) pen.fillText(panel.log ? `${panel.unit}, log scale` : panel.unit, titled + 2, 15);
      drawKey(pen, c, panel, wide);
      pen.strokeStyle = c.rule;
      pen.lineWidth = 1;
      pen.textAlign = 'right';
      pen.font = `12px ${c.font}`;
      const marks = marked(panel, [low, high]), names = labels(panel, marks);
      for (const [k, y] of marks.entries()) {
        const level = Math.round(py(y)) + 0.5;
        pen.beginPath();
        pen.moveTo(left, level);
        pen.lineTo(wide - RIGHT, level);
        pen.stroke();
        pen.fillText(names[k], left - 7, level + 4);
      }
      pen.textAlign = 'center';
      for (const x of data.logx ? doublings(first, data.steps, plot < 260 ? 4 : 6) : g.ticks(first, data.steps, plot < 260 ? 2 : 4)) {
        const text = g.count(x), half = pen.measureText(text).width / 2;
        pen.fillText(text, Math.min(px(x), wide - half), top + tall + 16);
      }
      pen.fillText(data.logx ? `${data.unit}s, log scale` : data.unit, left + plot / 2, top + tall + 32);
      pen.save();
      pen.beginPath();
      pen.rect(left, top - 3, plot, tall + 6);
      pen.clip();
      for (const line of panel.lines.filter(l => l.low)) {  // a band, under all lines
        pen.fillStyle = c.series[line.colour];
        pen.globalAlpha = 0.16;
        pen.beginPath();
        line.x.forEach((x, k) => pen.lineTo(px(x), py(line.high[k])));
        for (let k = line.x.length - 1; k >= 0; k--) pen.lineTo(px(line.x[k]), py(line.low[k]));
        pen.fill();
        pen.globalAlpha = 1;
      }
      for (const line of panel.lines) {
        stroke(pen, c, line);
        pen.lineJoin = 'round';
        pen.beginPath();
        line.x.forEach((x, k) => { if (line.y[k] !== null && (!panel.log || line.y[k] > 0)) pen.lineTo(px(x), py(line.y[k])); });
        pen.stroke();
        if (line.dots) drawDots(pen, c, line, px, py);
      }
      pen.restore();
      drawTags(pen, c, panel, px, py, wide);
      if (data.mark) drawLine(pen, c.soft, px(data.mark), [2, 3]);
      if (cursor !== null && cursor >= first && cursor <= data.steps) drawLine(pen, c.ink, px(cursor), []);
    }

    function drawDots(pen, c, line, px, py) {  // where the curve was measured
      pen.setLineDash([]);
      pen.fillStyle = c.series[line.colour];
      line.x.forEach((x, k) => {
        if (line.y[k] === null) return;
        pen.beginPath();
        pen.arc(px(x), py(line.y[k]), line.x.length === 1 ? 6 : 3.5, 0, 2 * Math.PI);
        pen.fill();
      });
    }

    function drawTags(pen, c, panel, px, py, wide) {  // beside each dot, where it meets neither a dot nor another tag, else not at all
      const tagged = panel.lines.filter(line => line.tags).sort((a, b) => a.x.length - b.x.length), dot = 5, taken = [];
      const apart = (a, b) => a[0] + a[2] <= b[0] || b[0] + b[2] <= a[0] || a[1] + a[3] <= b[1] || b[1] + b[3] <= a[1];
      for (const line of tagged) line.x.forEach((x, k) => {
        if (line.y[k] !== null) taken.push([px(x) - dot, py(line.y[k]) - dot, 2 * dot, 2 * dot]);
      });
      pen.textAlign = 'left';
      pen.font = `11.5px ${c.font}`;
      for (const line of tagged) line.x.forEach((x, k) => {
        if (line.y[k] === null || !line.tags[k]) return;
        const w = pen.measureText(line.tags[k]).width + 2, h = 12, [at, level] = [px(x), py(line.y[k])];
        const tries = [[6, -13], [-6 - w, -13], [6, 2], [-6 - w, 2], [-w / 2, -19], [-w / 2, 7]].map(([dx, dy]) => [at + dx, level + dy, w, h]);
        const free = tries.find(box => box[0] >= 0 && box[0] + w <= wide && taken.every(other => apart(box, other)));
        if (!free) return;
        taken.push(free);
        pen.fillStyle = c.series[line.colour];
        pen.fillText(line.tags[k], free[0] + 1, free[1] + 10);
      });
    }

    function places(pen, panel, wide) {  // where each name stands: in as many rows as they need
      let x = 0, row = 0;
      const named = panel.lines.filter(line => !line.faint).map(line => {
        const long = pen.measureText(line.name).width + 18;
        if (x && x + long > wide) { x = 0; row++; }
        const place = {line, x, y: 30 + KEY * row};
        x += long + 12;
        return place;
      });
      return {named, rows: row + 1};
    }

    function drawKey(pen, c, panel, wide) {  // the names stand in their panel, where the eye needs them
      pen.font = `12px ${c.font}`;
      for (const {line, x, y} of places(pen, panel, wide).named) {
        stroke(pen, c, line);
        pen.beginPath();
        pen.moveTo(x, y);
        pen.lineTo(x + 14, y);
        pen.stroke();
        pen.fillText(line.name, x + 18, y + 4);
      }
      pen.setLineDash([]);
    }

    function stroke(pen, c, line) {
      pen.strokeStyle = c.series[line.colour];
      pen.globalAlpha = line.faint ? 0.5 : 1;
      pen.lineWidth = line.faint ? 1.5 : 2;
      pen.setLineDash(line.dash ? [5, 4] : []);
    }

    function doublings(first, end, most) {  // first, and its doubles, or every second of them, ...
      const each = Math.max(1, Math.ceil(Math.log2(end / first) / most)), found = [];
      for (let x = first; x <= end * 1.001; x *= 2 ** each) found.push(x);
      return found;
    }

    function decades(low, high) {
      const found = [];
      for (let e = Math.floor(low); e <= Math.ceil(high); e++) for (const k of high - low < 1.5 ? [1, 2, 5] : [1]) {
        const y = k * 10 ** e;
        if (Math.log10(y) >= low - 1e-9 && Math.log10(y) <= high + 1e-9) found.push(y);
      }
      return found;
    }

    function drawLine(pen, colour, x, dash) {
      pen.strokeStyle = colour;
      pen.lineWidth = 1;
      pen.setLineDash(dash);
      pen.beginPath();
      pen.moveTo(Math.round(x) + 0.5, top - 3);
      pen.lineTo(Math.round(x) + 0.5, top + tall + 3);
      pen.stroke();
      pen.setLineDash([]);
    }

    function place(x) { cursor = x; if (last) { tell(); repaint(); } }
    canvas.addEventListener('pointermove', event => {
      const box = boxes.find(b => event.offsetX >= b.left - 6 && event.offsetX <= b.right + 6
                                  && event.offsetY >= b.top && event.offsetY <= b.bottom);
      if (!box || !last) return;
      const first = last.first || 0, part = (event.offsetX - box.left) / (box.right - box.left);
      const x = last.logx ? first * (last.steps / first) ** part : first + part * (last.steps - first);
      place(Math.min(last.steps, Math.max(first, x)));
    });
    canvas.addEventListener('pointerleave', () => place(null));
    canvas.addEventListener('keydown', event => {
      const move = {ArrowLeft: -1, ArrowRight: 1, PageDown: -5, PageUp: 5}[event.key];
      if (!last || !(move || event.key === 'Home' || event.key === 'End' || event.key === 'Escape')) return;
      event.preventDefault();
      const first = last.first || 0, step = (last.steps - first) / 50;
      if (event.key === 'Escape') place(null);
      else if (event.key === 'Home') place(first);
      else if (event.key === 'End') place(last.steps);
      else if (last.logx) place(Math.min(last.steps, Math.max(first, (cursor ?? first) * 2 ** move)));
      else place(Math.min(last.steps, Math.max(first, (cursor ?? first) + move * step)));
    });
    g.pointed(() => last && last.group, place);
    const repaint = g.figure(element, props, watch, {read, paint});
  };
})(window.genlens);
