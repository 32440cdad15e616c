// Models of labelled points, a square each: what they decide everywhere, how likely they find each place, what they draw.
// A press, or the arrow keys and Enter, asks about a place.
(function (g) {
  const GAP = 14, HEAD = 32, TITLE = 56, FOOT = 20, REACH = 0.1, LEVELS = 31;
  const MODES = [['posterior', 'P(y | x)'], ['density', 'P(x)'], ['drawn', 'New points']];
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));

  g.marker = function (pen, kind, x, y, r) {  // classes differ in shape as well as in colour
    pen.beginPath();
    if (kind === 1) pen.rect(x - r * 0.9, y - r * 0.9, 1.8 * r, 1.8 * r);
    else if (kind === 2) { pen.moveTo(x, y - 1.3 * r); pen.lineTo(x + 1.2 * r, y + 0.9 * r); pen.lineTo(x - 1.2 * r, y + 0.9 * r); pen.closePath(); }
    else if (kind === 3) { pen.moveTo(x, y - 1.3 * r); pen.lineTo(x + 1.3 * r, y); pen.lineTo(x, y + 1.3 * r); pen.lineTo(x - 1.3 * r, y); pen.closePath(); }
    else if (kind === 4) { pen.rect(x - 1.3 * r, y - r / 2, 2.6 * r, r); pen.rect(x - r / 2, y - 1.3 * r, r, 2.6 * r); }
    else pen.arc(x, y, r, 0, 7);
    pen.fill();
  };

  // Line segments in cells where the field passes `level`: marching squares with straight cuts.  -> [[x, y, x, y], ...]
  function contour(field, side, level) {
    const found = [], at = (i, j) => field[i * side + j];
    for (let i = 0; i + 1 < side; i++) for (let j = 0; j + 1 < side; j++) {
      const corners = [[i, j], [i, j + 1], [i + 1, j + 1], [i + 1, j]], cuts = [];
      for (let k = 0; k < 4; k++) {
        const [a, b] = corners[k], [c, d] = corners[(k + 1) % 4], v = at(a, b) - level, w = at(c, d) - level;
        if (v < 0 !== w < 0) { const t = v / (v - w); cuts.push([b + t * (d - b) + 0.5, a + t * (c - a) + 0.5]); }
      }
      for (let k = 0; k + 1 < cuts.length; k += 2) found.push([...cuts[k], ...cuts[k + 1]]);
    }
    return found;
  }

  g.fields = function (element, props, watch, pick) {
    const canvas = element.querySelector('canvas'), said = element.querySelector('.fig-read');
    const key = element.querySelector('.fig-key'), modes = element.querySelector('.fields-modes');
    let last = null, mode = 'posterior', squares = [], aim = null, edges = {};

    const buttons = MODES.map(([name, title]) => {
      const button = Object.assign(document.createElement('button'), {type: 'button', textContent: title});
      button.addEventListener('click', () => { mode = name; show(); repaint(); });
      modes.append(button);
      return button;
    });

    function show() {
      buttons.forEach((button, k) => button.setAttribute('aria-pressed', String(MODES[k][0] === mode)));
      said.textContent = last ? last.hints[mode] : '';
      g.say(canvas, last ? last.said : 'Nothing drawn yet');
    }

    function read(data) {
      last = data;
      modes.hidden = key.hidden = canvas.hidden = !data;
      aim = null;
      edges = {};
      if (data) {
        for (const panel of data.panels) {
          if (panel.posterior) panel.posterior = bytes(panel.posterior);
          if (panel.density) { panel.density = bytes(panel.density); edges[panel.name] = contour(panel.density, data.side, panel.edge); }
          if (panel.drawn) panel.drawn = g.numbers(panel.drawn);
        }
        data.points = g.numbers(data.real);
        key.replaceChildren(...data.classes.map((name, k) => {
          const item = document.createElement('span'), dot = document.createElement('canvas');
          dot.className = 'fields-dot';
          dot.dataset.kind = k;
          item.append(dot, name);
          return item;
        }));
      }
      show();
    }

    function colour(c, k) { return k < 4 ? c.series[k] : getComputedStyle(element).getPropertyValue('--fig-5').trim(); }

    function paint(data) {
      const c = g.colours(element), width = canvas.parentElement.clientWidth, columns = width < 540 ? 2 : 3, rows = 6 / columns;
      const side = Math.min(300, (width - GAP * (columns - 1)) / columns), heads = columns === 3 ? 2 : 1;
      const tall = TITLE + side + FOOT, pen = g.sheet(canvas, width, rows * tall + heads * HEAD);
      const left = (width - columns * side - (columns - 1) * GAP) / 2;
      for (const dot of key.querySelectorAll('.fields-dot')) {
        const ink = g.sheet(dot, 12, 12), k = Number(dot.dataset.kind);
        ink.fillStyle = colour(c, k);
        g.marker(ink, k, 6, 6, 4);
      }
      squares = [];
      pen.textBaseline = 'alphabetic';
      data.groups.forEach((title, kind) => {  // three in a row, or on a phone in a column: those that decide, those that also draw
        const x0 = columns === 3 ? left : left + kind * (side + GAP), y0 = columns === 3 ? kind * (tall + HEAD) : 0;
        pen.fillStyle = c.soft;
        pen.font = `600 12.5px ${c.font}`;
        pen.fillText(title, x0, y0 + 18, columns === 3 ? width : side);
        data.panels.filter(panel => panel.draws === Boolean(kind)).forEach((panel, k) => {
          const x = columns === 3 ? x0 + k * (side + GAP) : x0, y = y0 + HEAD + (columns === 3 ? 0 : k * tall);
          pen.save();
          pen.translate(x, y);
          drawPanel(pen, c, side, data, panel);
          pen.restore();
          squares.push({x, y: y + TITLE, side});
        });
      });
    }

    function drawPanel(pen, c, side, data, panel) {
      const limit = data.limit, at = v => (v + limit) / (2 * limit) * side, up = v => side - at(v);
      pen.fillStyle = c.ink;
      pen.font = `600 14px ${c.font}`;
      pen.fillText(panel.title, 0, 14, side);
      pen.fillStyle = c.soft;
      pen.font = `12.5px ${c.font}`;
      (panel.notes[mode] || []).forEach((note, k) => pen.fillText(note, 0, 31 + 16 * k, side));
      pen.translate(0, TITLE);
      pen.font = `12px ${c.font}`;
      pen.textAlign = 'center';
      const low = data.centre[0] - limit * data.unit[0], high = data.centre[0] + limit * data.unit[0];
      pen.fillStyle = c.soft;
      for (const tick of g.ticks(low, high, 4)) {  // numbers in the data's own units
        const p = (tick - low) / (high - low) * side;
        pen.fillRect(p, side, 1, 4);
        pen.fillText(g.number(tick).replace('-', '\u2212'), Math.min(Math.max(p, 8), side - 8), side + 15);
      }
      pen.textAlign = 'left';
      pen.save();
      pen.beginPath();
      pen.rect(0, 0, side, side);
      pen.clip();
      const blind = !panel.draws && mode !== 'posterior';
      if (mode === 'posterior' && panel.posterior) field(pen, side, data, panel.posterior, v => [colour(c, v >> 5), (v & 31) === LEVELS ? 0.62 : 0.05 + 0.38 * (v & 31) / LEVELS]);
      if (mode === 'density' && panel.density) field(pen, side, data, panel.density, v => [c.series[0], 0.85 * v / 255]);
      if (blind) {
        pen.strokeStyle = c.rule;
        pen.lineWidth = 1;
        pen.globalAlpha = 0.6;
        pen.beginPath();
        for (let k = -side; k < side; k += 9) { pen.moveTo(k, side); pen.lineTo(k + side, 0); }
        pen.stroke();
        pen.globalAlpha = 1;
      }
      const soft = mode === 'drawn' || blind;
      for (let k = 0; k < data.labels.length; k++) dot(data.points, k, soft ? c.real : mode === 'density' ? c.ink : colour(c, data.labels[k]), data.labels[k], soft ? 1.2 : 1.6, soft ? 0.6 : mode === 'density' ? 0.45 : 1);
      if (mode === 'drawn' && panel.drawn) panel.drawn_labels.forEach((label, k) => dot(panel.drawn, k, colour(c, label), label, 2, 0.9));
      const edge = edges[mode === 'density' && panel.draws ? panel.name : data.yardstick];
      if (edge && !blind && mode !== 'drawn') {
        pen.strokeStyle = c.ink;
        pen.lineWidth = 1.3;
        const s = side / data.side;
        pen.beginPath();
        for (const [a, b, x, y] of edge) { pen.moveTo(a * s, b * s); pen.lineTo(x * s, y * s); }
        pen.stroke();
      }
      if (mode !== 'drawn' && !blind) for (const way of data.paths.filter(path => path.on.includes(panel.name))) drawPath(way);
      const here = aim || data.at;
      if (here && mode !== 'drawn' && !blind) cross(here[0], here[1]);
      pen.restore();
      pen.strokeStyle = c.rule;
      pen.lineWidth = 1;
      pen.strokeRect(0.5, 0.5, side - 1, side - 1);
      if (blind) {
        pen.font = `600 14px ${c.font}`;
        pen.textAlign = 'center';
        const wide = pen.measureText(data.blind[mode]).width;
        pen.fillStyle = c.card;
        pen.fillRect((side - wide) / 2 - 8, side / 2 - 18, wide + 16, 28);
        pen.fillStyle = c.ink;
        pen.fillText(data.blind[mode], side / 2, side / 2);
      }

      function dot(points, k, fill, label, r, alpha) {
        pen.globalAlpha = alpha;
        pen.fillStyle = fill;
        g.marker(pen, label, at(points[2 * k]), up(points[2 * k + 1]), Math.max(1, r * side / 220));
        pen.globalAlpha = 1;
      }

      function drawPath(way) {
        const points = way.path.map(([x, y]) => [at(x), up(y)]);
        for (const [wide, ink] of [[4.5, c.card], [2.2, c.ink]]) {
          pen.strokeStyle = ink;
          pen.lineWidth = wide;
          pen.setLineDash(way.dash && wide < 3 ? [2, 3] : []);
          pen.beginPath();
          points.forEach(([x, y]) => pen.lineTo(x, y));
          pen.stroke();
        }
        pen.setLineDash([]);
        let k = points.length - 1;  // an arrow at its end, or where it leaves the square
        while (k > 1 && points[k - 1].some(v => v < 6 || v > side - 6)) k--;
        if (k < 1) return;
        const [x, y] = points[k].map(v => Math.min(side - 3, Math.max(3, v))), turn = Math.atan2(points[k][1] - points[k - 1][1], points[k][0] - points[k - 1][0]);
        pen.save();
        pen.translate(x, y);
        pen.rotate(turn);
        pen.fillStyle = c.ink;
        pen.strokeStyle = c.card;
        pen.lineWidth = 1.2;
        pen.beginPath();
        pen.moveTo(3, 0); pen.lineTo(-7, -5.5); pen.lineTo(-7, 5.5); pen.closePath();
        pen.stroke();
        pen.fill();
        pen.restore();
      }

      function cross(x, y) {
        const inside = v => Math.min(side - 5, Math.max(5, v)), a = inside(at(x)), b = inside(up(y));
        for (const [wide, ink] of [[5, c.card], [2.2, c.ink]]) {
          pen.strokeStyle = ink;
          pen.lineWidth = wide;
          pen.beginPath();
          pen.moveTo(a - 6, b); pen.lineTo(a + 6, b); pen.moveTo(a, b - 6); pen.lineTo(a, b + 6);
          pen.stroke();
        }
      }
    }

    function field(pen, side, data, values, look) {  // one pixel a cell, then enlarged
      const small = document.createElement('canvas'), on = small.getContext('2d'), known = {};
      small.width = small.height = data.side;
      values.forEach((v, k) => {
        const [ink, alpha] = known[v] || (known[v] = look(v));
        on.globalAlpha = alpha;
        on.fillStyle = ink;
        on.fillRect(k % data.side, Math.floor(k / data.side), 1, 1);
      });
      pen.imageSmoothingEnabled = true;
      pen.drawImage(small, 0, 0, side, side);
    }

    function place(x, y) {  // in the data's own units, with as many digits as can be pointed at
      const value = (v, axis) => Number((last.centre[axis] + last.unit[axis] * v).toPrecision(4));
      return `${value(x, 0)}, ${value(y, 1)}`;
    }

    canvas.addEventListener('click', event => {
      const hit = last && squares.find(s => event.offsetX >= s.x && event.offsetX <= s.x + s.side && event.offsetY >= s.y && event.offsetY <= s.y + s.side);
      if (!hit) return;
      aim = [(event.offsetX - hit.x) / hit.side * 2 - 1, 1 - (event.offsetY - hit.y) / hit.side * 2].map(v => Math.round(v * last.limit * 100) / 100);
      repaint();
      pick({at: place(...aim)});
    });
    canvas.addEventListener('keydown', event => {
      const move = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}[event.key];
      if (!last || !(move || event.key === 'Enter' || event.key === 'Escape')) return;
      event.preventDefault();
      aim = aim || (last.at ? last.at.map(v => Math.min(last.limit, Math.max(-last.limit, v))) : [0, 0]);
      if (event.key === 'Enter') { pick({at: place(...aim)}); return; }
      if (event.key === 'Escape') { aim = null; show(); }
      else {
        aim = aim.map((v, k) => Math.min(last.limit, Math.max(-last.limit, Math.round((v + move[k] * REACH * (event.shiftKey ? 5 : 1)) * 100) / 100)));
        said.textContent = `The cross is at ${place(...aim).replaceAll('-', '\u2212')}. Enter asks the models about it.`;
      }
      repaint();
    });
    const repaint = g.figure(element, props, watch, {read, paint});
  };
})(window.genlens);
