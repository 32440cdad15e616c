// The map of codes: every point is its own digit, so that colour only helps. Or a field of arrows over points, two kinds of arrows.
(function (g) {
  const TALL = 380, NARROW = 360;  // pixels; a narrow map has its key in two lines

  g.codes = function (element, props, watch) {
    const canvas = element.querySelector('canvas'), said = element.querySelector('.fig-read'), title = element.querySelector('.tiles-title');

    function read(data) {
      element.querySelector('.fig').hidden = !data;
      title.textContent = data ? data.title : '';
      said.textContent = data ? data.note : '';
      g.say(canvas, data ? data.label : 'No map yet');
    }

    function paint(data) {
      const c = g.colours(element), side = Math.min(TALL, canvas.parentElement.clientWidth), width = canvas.parentElement.clientWidth;
      const pen = g.sheet(canvas, width, side + (data.key && side < NARROW ? 40 : 22)), left = (width - side) / 2, reach = data.reach;
      const x = v => left + (v + reach) / (2 * reach) * side, y = v => side - (v + reach) / (2 * reach) * side;
      pen.strokeStyle = c.rule;
      pen.strokeRect(left + 0.5, 0.5, side - 1, side - 1);
      pen.save();
      pen.beginPath();
      pen.rect(left, 0, side, side);
      pen.clip();
      if (data.labels) glyphs(pen, c, data, x, y);
      else arrows(pen, c, data, x, y);
      pen.restore();
      key(pen, c, data, left, side);
    }

    function glyphs(pen, c, data, x, y) {
      const places = g.numbers(data.xy);
      pen.font = `600 11px ${c.font}`;
      pen.textAlign = 'center';
      pen.textBaseline = 'middle';
      [...data.labels].forEach((label, k) => {
        pen.fillStyle = [...c.series, c.ink][Number(label) % 5];
        pen.globalAlpha = Number(label) < 5 ? 1 : 0.72;
        pen.fillText(label, x(places[2 * k]), y(places[2 * k + 1]));
      });
      pen.globalAlpha = 1;
      if (!data.path) return;
      const path = g.numbers(data.path);
      pen.strokeStyle = c.ink;
      pen.lineWidth = 2;
      pen.beginPath();
      for (let k = 0; k < path.length; k += 2) pen.lineTo(x(path[k]), y(path[k + 1]));
      pen.stroke();
      for (let k = 0; k < path.length; k += 2) {
        pen.beginPath();
        pen.fillStyle = c.card;
        pen.arc(x(path[k]), y(path[k + 1]), 4, 0, 7);
        pen.fill();
        pen.stroke();
      }
    }

    function arrows(pen, c, data, x, y) {
      const points = g.numbers(data.points), at = g.numbers(data.at);
      pen.fillStyle = c.real;
      for (let k = 0; k < points.length; k += 2) pen.fillRect(x(points[k]) - 1, y(points[k + 1]) - 1, 2, 2);
      for (const [field, colour, wide, dash] of [[data.score, c.series[1], 4, 0.45], [data.arrows, c.series[0], 1.8, 1]]) {
        const to = g.numbers(field);
        pen.strokeStyle = pen.fillStyle = colour;
        pen.lineWidth = wide;
        pen.globalAlpha = dash;
        for (let k = 0; k < at.length; k += 2) arrow(pen, x(at[k]), y(at[k + 1]), x(at[k] + to[k]), y(at[k + 1] + to[k + 1]));
        pen.globalAlpha = 1;
      }
    }

    function arrow(pen, fromX, fromY, toX, toY) {
      const dx = toX - fromX, dy = toY - fromY, long = Math.hypot(dx, dy);
      pen.beginPath();
      pen.moveTo(fromX, fromY);
      pen.lineTo(toX, toY);
      pen.stroke();
      if (long < 3) return;
      const ux = dx / long, uy = dy / long, r = Math.min(5, long / 2) + pen.lineWidth / 3;
      pen.beginPath();
      pen.moveTo(toX + ux * 1.5, toY + uy * 1.5);
      pen.lineTo(toX - r * ux + r * 0.55 * uy, toY - r * uy - r * 0.55 * ux);
      pen.lineTo(toX - r * ux - r * 0.55 * uy, toY - r * uy + r * 0.55 * ux);
      pen.fill();
    }

    function key(pen, c, data, left, side) {
      let x = left, y = side;
      pen.textAlign = 'left';
      pen.textBaseline = 'alphabetic';
      pen.font = `12.5px ${c.font}`;
      (data.key || []).forEach((name, k) => {
        pen.fillStyle = c.series[k];
        pen.globalAlpha = k ? 0.6 : 1;
        pen.fillRect(x, y + 11, 16, k ? 4 : 2);
        pen.globalAlpha = 1;
        pen.fillStyle = c.soft;
        pen.fillText(name, x + 21, y + 17);
        if (side < NARROW) y += 18;
        else x += pen.measureText(name).width + 40;
      });
    }

    g.figure(element, props, watch, {read, paint});
  };
})(window.genlens);
