// What the models of some generations draw: densities over the truth, clouds in the plane, bars of words, texts, or digits from the
// same codes.
(function (g) {
  const NAME = 96, TALL = 62, FOOT = 22;

  g.draws = function (element, props, watch) {
    const canvas = element.querySelector('canvas'), key = element.querySelector('.fig-key'), sheet = element.querySelector('.draws-sheet');
    const texts = element.querySelector('.draws-texts');

    function read(data) {
      const prose = Boolean(data) && data.kind === 'texts';
      sheet.hidden = !data || prose;
      texts.hidden = !prose;
      key.hidden = !data;
      key.textContent = data ? data.key : '';
      g.say(canvas, data ? data.label : 'Nothing drawn yet');
      texts.replaceChildren(...(prose ? data.rows.map(write) : []));
    }

    function write(row) {
      const part = document.createElement('section');
      part.append(piece('h3', row.title), piece('p', row.text || '(nothing)', 'draws-text'), piece('p', row.note, 'draws-note'));
      return part;
    }

    function piece(tag, text, kind) {
      const made = document.createElement(tag);
      made.textContent = text;
      if (kind) made.className = kind;
      return made;
    }

    function paint(data) {
      const c = g.colours(element), width = sheet.clientWidth;
      if (data.kind === 'ridges') ridges(data, c, width);
      else if (data.kind === 'clouds') clouds(data, c, width);
      else if (data.kind === 'bars') bars(data, c, width);
      else if (data.kind === 'digits') digits(data, c, width);
    }

    function named(pen, c, row, y, room = NAME) {
      pen.fillStyle = c.ink;
      pen.font = `600 13px ${c.font}`;
      pen.textAlign = 'left';
      pen.fillText(row.title, 0, y - 16, room - 8);
      pen.fillStyle = c.soft;
      pen.font = `12.5px ${c.font}`;
      pen.fillText(row.note || '', 0, y, room - 8);
    }

    function ridges(data, c, width) {  // every curve to one height: what changes is where it stands and how wide it is
      const rows = data.rows.length, pen = g.sheet(canvas, width, rows * TALL + FOOT + 28), [from, to] = data.x;
      const wide = width - NAME - 6, px = (k, n) => NAME + k / (n - 1) * wide;
      data.rows.forEach((row, r) => {
        const base = 8 + (r + 1) * TALL, tall = TALL - 8;
        named(pen, c, row, base - 6);
        curve(data.truth, c.real, 1.6, [5, 4]);
        row.curves.forEach((ys, k) => {
          if (row.widths && row.widths[k] < (to - from) / ys.length) {  // narrower than the curve's points are apart
            needle(row.peaks[k], k);
            return;
          }
          if (k === 0) {
            pen.fillStyle = c.series[0];
            pen.globalAlpha = 0.2;
            outline(ys, true);
            pen.fill();
            pen.globalAlpha = 1;
          }
          pen.globalAlpha = k ? 0.6 : 1;
          curve(ys, c.series[0], k ? 1 : 2.2, []);
          pen.globalAlpha = 1;
        });
        pen.setLineDash([]);
        (row.family || []).forEach(([x, rank]) => {  // blue to orange, told apart also without red or green
          if (x < from || x > to) return;
          pen.strokeStyle = rank < 0 ? c.soft : `rgb(${Math.round(230 * rank)} ${Math.round(114 + 45 * rank)} ${Math.round(178 * (1 - rank))})`;
          pen.lineWidth = 1.5;
          pen.beginPath();
          pen.moveTo(px((x - from) / (to - from), 2), base - 9);
          pen.lineTo(px((x - from) / (to - from), 2), base);
          pen.stroke();
        });
        pen.strokeStyle = c.rule;
        pen.lineWidth = 1;
        pen.setLineDash([]);
        pen.beginPath();
        pen.moveTo(NAME, base + 0.5);
        pen.lineTo(width - 6, base + 0.5);
        pen.stroke();

        function needle(x, k) {
          if (x < from || x > to) return;
          pen.strokeStyle = c.series[0];
          pen.globalAlpha = k ? 0.6 : 1;
          pen.lineWidth = k ? 1.2 : 2.4;
          pen.setLineDash([]);
          pen.beginPath();
          pen.moveTo(px((x - from) / (to - from), 2), base);
          pen.lineTo(px((x - from) / (to - from), 2), base - tall);
          pen.stroke();
          pen.globalAlpha = 1;
        }

        function outline(ys, closed) {
          const peak = Math.max(...ys, 1e-9);
          pen.beginPath();
          if (closed) pen.moveTo(px(0, ys.length), base);
          ys.forEach((y, k) => pen.lineTo(px(k, ys.length), base - y / peak * tall));
          if (closed) pen.lineTo(px(ys.length - 1, ys.length), base);
        }

        function curve(ys, colour, thick, dash) {
          pen.strokeStyle = colour;
          pen.lineWidth = thick;
          pen.setLineDash(dash);
          outline(ys, false);
          pen.stroke();
        }
      });
      pen.fillStyle = c.soft;
      pen.font = `12px ${c.font}`;
      pen.textAlign = 'center';
      for (const x of g.ticks(from, to, 8)) {
        pen.fillText(g.number(x).replace('-', '\u2212'), Math.min(width - 12, px((x - from) / (to - from), 2)), 8 + rows * TALL + 17);
      }
      pen.fillText(data.axis, NAME + wide / 2, 8 + rows * TALL + 36);
    }

    function clouds(data, c, width) {  // a square for each generation, as many beside one another as are still easy to see
      const rows = data.rows.length, most = Math.max(2, Math.min(rows, Math.floor(width / 168))), lines = Math.ceil(rows / most);
      const across = Math.ceil(rows / lines), step = width / across, side = Math.min(230, step - 12), tall = side + 52;
      const pen = g.sheet(canvas, width, lines * tall), scale = side / (2 * data.reach), size = side < 150 ? 1.5 : 2;
      data.rows.forEach((row, r) => {
        const left = (r % across) * step + (step - side) / 2, top = Math.floor(r / across) * tall + 36;
        pen.textAlign = 'left';
        pen.fillStyle = c.ink;
        pen.font = `600 13px ${c.font}`;
        pen.fillText(row.title, left, top - 20, side);
        pen.fillStyle = c.soft;
        pen.font = `12.5px ${c.font}`;
        pen.fillText(row.note || '', left, top - 5, side);
        pen.save();
        pen.beginPath();
        pen.rect(left, top, side, side);
        pen.clip();
        for (const [points, colour, faint] of [[data.truth, c.real, 0.45], [row.points, c.series[0], 1]]) {
          pen.fillStyle = colour;
          pen.globalAlpha = faint;
          for (const [x, y] of points) {
            pen.beginPath();
            pen.arc(left + side / 2 + x * scale, top + side / 2 - y * scale, size, 0, 7);
            pen.fill();
          }
        }
        pen.restore();
        pen.strokeStyle = c.rule;
        pen.lineWidth = 1;
        pen.strokeRect(Math.round(left) + 0.5, Math.round(top) + 0.5, Math.round(side) - 1, Math.round(side) - 1);
      });
    }

    function bars(data, c, width) {  // heights by the square root, so that rare words can be seen
      const rows = data.rows.length, pen = g.sheet(canvas, width, rows * (TALL + 12) + FOOT + 4), n = data.truth.length;
      const left = width < 480 ? NAME : 140, wide = width - left - 4, slot = wide / n, top = Math.sqrt(Math.max(...data.truth, ...data.rows.flatMap(row => row.p)));
      data.rows.forEach((row, r) => {
        const base = (r + 1) * (TALL + 12) - 8, tall = TALL - 6, height = p => Math.sqrt(p) / top * tall;
        named(pen, c, row, base - 6, left);
        row.p.forEach((p, k) => {
          const x = left + k * slot;
          pen.fillStyle = c.series[0];
          pen.fillRect(x + slot * 0.12, base - height(p), slot * 0.76, height(p));
          pen.strokeStyle = c.real;
          pen.lineWidth = 1.5;
          pen.beginPath();
          pen.moveTo(x, base - height(data.truth[k]));
          pen.lineTo(x + slot, base - height(data.truth[k]));
          pen.stroke();
          if (p > 0) return;
          pen.strokeStyle = c.series[1];
          const d = Math.min(3, slot * 0.3), mid = x + slot / 2;
          pen.beginPath();
          pen.moveTo(mid - d, base + 6 - d);
          pen.lineTo(mid + d, base + 6 + d);
          pen.moveTo(mid - d, base + 6 + d);
          pen.lineTo(mid + d, base + 6 - d);
          pen.stroke();
        });
      });
      pen.fillStyle = c.soft;
      pen.font = `12px ${c.font}`;
      pen.textAlign = 'left';
      pen.fillText(data.axis, width < 480 ? 0 : left, rows * (TALL + 12) + 18, width);
    }

    function digits(data, c, width) {
      const columns = data.rows.length, many = data.rows[0].pixels.length, side = data.side || 8, tall = data.rows[0].classes ? 46 : 0;
      const cell = Math.min(72, Math.floor((width - 4) / columns) - 6), step = cell + 6, left = (width - columns * step) / 2;
      const pen = g.sheet(canvas, width, many * step + 24 + tall), tile = document.createElement('canvas');
      tile.width = tile.height = side;
      const ink = tile.getContext('2d'), paper = ink.createImageData(side, side);
      pen.imageSmoothingEnabled = false;
      pen.textAlign = 'center';
      data.rows.forEach((row, r) => {
        pen.fillStyle = c.ink;
        pen.font = `600 13px ${c.font}`;
        pen.fillText(cell < 64 ? String(row.generation) : `gen. ${row.generation}`, left + r * step + cell / 2, 15);
        row.pixels.forEach((kept, k) => {
          const pixels = typeof kept === 'string' ? Uint8Array.from(atob(kept), sign => sign.charCodeAt(0)) : kept;
          pixels.forEach((v, i) => paper.data.set([v, v, v, 255], 4 * i));
          ink.putImageData(paper, 0, 0);
          pen.drawImage(tile, left + r * step, 24 + k * step, cell, cell);
        });
        if (tall) classes(pen, c, row.classes, left + r * step, 24 + many * step + tall - 14, cell);
      });
    }

    function classes(pen, c, shares, x, base, wide) {  // how often each digit, 0 to 9, is drawn; the dashes are a tenth
      const slot = wide / shares.length, height = share => Math.min(1, share / 0.5) * 28;
      shares.forEach((share, k) => {
        pen.fillStyle = c.series[0];
        pen.fillRect(x + k * slot + 0.5, base - height(share), slot - 1, height(share));
      });
      pen.strokeStyle = c.real;
      pen.lineWidth = 1;
      pen.setLineDash([3, 3]);
      pen.beginPath();
      pen.moveTo(x, base - height(0.1));
      pen.lineTo(x + wide, base - height(0.1));
      pen.stroke();
      pen.setLineDash([]);
      pen.fillStyle = c.soft;
      pen.font = `11px ${c.font}`;
      pen.fillText('0', x + slot / 2, base + 12);
      pen.fillText('9', x + wide - slot / 2, base + 12);
    }

    g.figure(element, props, watch, {read, paint});
  };
})(window.genlens);
