// Points in the plane: the data, what each model draws, and where the modes are; with a film of the run to scrub.
(function (g) {
  const GAP = 18, TITLE = 26, FOOT = 20, MOST_FRAMES = 700;

  g.scatter = function (element, props, watch) {
    const canvas = element.querySelector('canvas'), scrub = element.querySelector('.fig-scrub');
    const range = scrub.querySelector('input'), out = scrub.querySelector('output'), back = scrub.querySelector('button');
    let film = [], follow = true, last = null;

    // Frames of the run before stay on the film up to where this run was taken up, if both agree until there.
    function agree(old, now) {
      const until = rates => JSON.stringify((rates || []).filter(([start]) => start < now.began));
      return old && now.began > 0 && old.base === now.base && until(old.rates) === until(now.rates);
    }

    function read(data) {
      const old = last;
      last = data;
      if (!data) { film = []; scrub.hidden = true; g.say(canvas, 'Nothing drawn yet'); return; }
      const fresh = !film.length || !old || data.film || data.step <= old.step || data.base !== old.base;
      if (fresh) {
        film = agree(old, data) ? film.filter(frame => frame.step <= data.began) : [];
        follow = true;
      }
      for (const frame of data.film || [data]) if (!film.length || frame.step > film[film.length - 1].step) film.push(frame);
      if (film.length > MOST_FRAMES) film = film.filter((_, k) => k % 2 === 0 || k === film.length - 1);
      element.querySelector('.fig-modes').hidden = !data.modes.length;
      scrub.hidden = film.length < 2;
      range.max = film.length - 1;
      if (follow) range.value = film.length - 1;
      tell();
    }

    function shown() { return film[follow ? film.length - 1 : Math.min(film.length - 1, Number(range.value))]; }

    function tell() {
      const frame = shown(), at = `${last.unit} ${g.count(frame.step)}`;
      out.textContent = `${at[0].toUpperCase()}${at.slice(1)} of ${g.count(last.steps)}`;
      range.setAttribute('aria-valuetext', out.textContent);
      back.hidden = !last.rewind || frame === film[film.length - 1] || frame.step <= 0;
      back.textContent = `Go on from ${at}`;
      g.say(canvas, frame.label);
      g.point(last.group, follow ? null : frame.step);
    }

    function paint(data) {
      const c = g.colours(element), frame = shown(), width = canvas.parentElement.clientWidth, many = frame.panels.length;
      const columns = width / many < 190 ? 1 : many, rows = Math.ceil(many / columns);
      const side = Math.min(420, (width - GAP * (columns - 1)) / columns);
      const left = (width - side * columns - GAP * (columns - 1)) / 2;
      const pen = g.sheet(canvas, width, rows * (side + TITLE + FOOT));
      frame.panels.forEach((panel, k) => {
        pen.save();
        pen.translate(left + (k % columns) * (side + GAP), Math.floor(k / columns) * (side + TITLE + FOOT));
        drawPanel(pen, c, side, data, panel);
        pen.restore();
      });
    }

    function drawPanel(pen, c, side, data, panel) {
      const limit = data.limit, at = v => (v + limit) / (2 * limit) * side, up = v => side - at(v);
      const dot = Math.max(1.3, side / 190), colour = c.series[panel.colour];
      pen.textBaseline = 'alphabetic';
      pen.fillStyle = colour;
      pen.font = `600 15px ${c.font}`;
      pen.fillText(panel.title, 0, 17);
      const wide = pen.measureText(panel.title).width;
      pen.fillStyle = c.soft;
      pen.font = `13.5px ${c.font}`;
      pen.textAlign = 'right';
      if (pen.measureText(panel.note).width < side - wide - 12) pen.fillText(panel.note, side, 17);
      pen.translate(0, TITLE);
      pen.strokeStyle = c.rule;
      pen.lineWidth = 1;
      pen.strokeRect(0.5, 0.5, side - 1, side - 1);
      pen.textAlign = 'center';
      pen.font = `12px ${c.font}`;
      for (const tick of g.ticks(-limit, limit, 4)) {
        const x = Math.round(at(tick)) + 0.5;
        pen.beginPath();
        pen.moveTo(x, side - 5);
        pen.lineTo(x, side);
        pen.moveTo(0, side - x);
        pen.lineTo(5, side - x);
        pen.stroke();
        pen.fillText(g.number(tick).replace('-', '\u2212'), x, side + 15);
      }
      pen.beginPath();
      pen.rect(1, 1, side - 2, side - 2);
      pen.clip();
      pen.strokeStyle = c.soft;
      pen.setLineDash([3, 3]);
      for (const [x, y, r] of data.modes) {
        pen.beginPath();
        pen.arc(at(x), up(y), r / (2 * limit) * side, 0, 7);
        pen.stroke();
      }
      pen.setLineDash([]);
      if (panel.field) drawField(pen, c, g.numbers(panel.field), at, up, side / (2 * limit));
      pen.fillStyle = c.real;
      const real = g.numbers(data.real);
      for (let k = 0; k < real.length; k += 2) pen.fillRect(at(real[k]) - dot / 2, up(real[k + 1]) - dot / 2, dot, dot);
      pen.fillStyle = colour;
      pen.globalAlpha = 0.75;
      const drawn = g.numbers(panel.samples);
      for (let k = 0; k < drawn.length; k += 2) {
        pen.beginPath();
        pen.arc(at(drawn[k]), up(drawn[k + 1]), dot, 0, 7);
        pen.fill();
      }
      pen.globalAlpha = 1;
    }

    function drawField(pen, c, field, at, up, scale) {  // rows of x, y, dx, dy
      pen.strokeStyle = c.rule;
      for (let k = 0; k < field.length; k += 4) {
        const x = at(field[k]), y = up(field[k + 1]), dx = field[k + 2] * scale, dy = -field[k + 3] * scale;
        pen.beginPath();
        pen.moveTo(x, y);
        pen.lineTo(x + dx, y + dy);
        pen.stroke();
        pen.fillStyle = c.rule;
        pen.fillRect(x + dx - 1.5, y + dy - 1.5, 3, 3);
      }
    }

    function earlier(step) {  // the learning rates of the run shown up to this step, as the control wants them
      return last.rates.filter(([start]) => start < step)
        .map(([, rate], k) => `${rate} until ${Math.min(step, last.rates[k + 1] ? last.rates[k + 1][0] : step)}`).join(', ');
    }

    range.addEventListener('input', () => { follow = Number(range.value) >= film.length - 1; tell(); repaint(); });
    back.addEventListener('click', () => {
      g.turn(last.rewind.control, earlier(shown().step));
      const next = document.querySelector(`#${CSS.escape(last.rewind.focus)} input`);
      if (next) next.focus();
    });
    const repaint = g.figure(element, props, watch, {read, paint});
  };
})(window.genlens);
