// A plate: what several models draw, side by side, points over the data or pictures; with a film of the learning to scrub. wide: pictures
// in rows of ten, and under them, where they are given, the nearest training pictures.
(function (g) {
  g.plate = function (element, props, watch) {
    const grid = element.querySelector('.plate-grid'), scrub = element.querySelector('.fig-scrub');
    const range = scrub.querySelector('input'), out = scrub.querySelector('output');
    let last = null, follow = true;

    function read(data) {
      if (!data || last && data.film.length < last.film.length) follow = true;  // another run
      last = data;
      scrub.hidden = !data || data.film.length < 2;
      if (!data) { grid.replaceChildren(); g.say(grid, 'Nothing drawn yet'); return; }
      range.max = data.film.length - 1;
      if (follow || Number(range.value) > data.film.length - 1) range.value = data.film.length - 1;
      tell();
    }

    function shown() { return last.film[follow ? last.film.length - 1 : Number(range.value)]; }

    function tell() {
      const frame = shown();
      grid.classList.toggle('plate-wide', Boolean(last.wide));
      grid.replaceChildren(...frame.panels.map(cell));
      out.textContent = frame.caption;
      range.setAttribute('aria-valuetext', frame.caption);
      g.say(grid, `${last.label} ${frame.caption}. ${frame.panels.map(p => `${p.title}: ${p.note || (p.waits ? 'waits' : 'drawn')}`).join('; ')}`);
    }

    function cell(panel) {
      const box = g.make('figure', {class: panel.waits ? 'plate-waits' : null},
        g.make('figcaption', {}, g.make('b', {}, panel.title), g.make('span', {}, panel.note || '')));
      if (panel.image) {
        box.append(picture(panel.image));
        if (panel.near) box.append(g.make('small', {}, last.near), picture(panel.near));
      } else if (!last.wide) box.append(g.make('canvas', {}));
      return box;
    }

    function picture(source) {
      const image = g.make('img', {alt: '', class: 'fig-crisp'});
      image.src = source;
      return image;
    }

    function paint(data) {
      if (data.wide) return;
      const c = g.colours(element), frame = shown(), limit = data.limit;
      const series = [...c.series.slice(0, 4), getComputedStyle(element).getPropertyValue('--fig-5')];  // five families
      [...grid.children].forEach((box, k) => {
        const panel = frame.panels[k], canvas = box.querySelector('canvas'), side = box.clientWidth;
        if (!canvas || !side) return;
        const pen = g.sheet(canvas, side, side), at = v => (v + limit) / (2 * limit) * side, dot = Math.max(1.2, side / 170);
        pen.strokeStyle = c.rule;
        pen.strokeRect(0.5, 0.5, side - 1, side - 1);
        pen.strokeStyle = c.soft;
        pen.setLineDash([3, 3]);
        for (const [x, y, r] of data.modes) {
          pen.beginPath();
          pen.arc(at(x), side - at(y), r / (2 * limit) * side, 0, 7);
          pen.stroke();
        }
        const real = g.numbers(data.real), drawn = panel.points ? g.numbers(panel.points) : [];
        pen.fillStyle = c.real;
        for (let i = 0; i < real.length; i += 2) pen.fillRect(at(real[i]) - dot / 2, side - at(real[i + 1]) - dot / 2, dot, dot);
        pen.fillStyle = panel.colour === null ? c.real : series[panel.colour];
        pen.globalAlpha = 0.75;
        for (let i = 0; i < drawn.length; i += 2) {
          pen.beginPath();
          pen.arc(at(drawn[i]), side - at(drawn[i + 1]), dot, 0, 7);
          pen.fill();
        }
        pen.globalAlpha = 1;
      });
    }

    range.addEventListener('input', () => { follow = Number(range.value) >= last.film.length - 1; tell(); repaint(); });
    const repaint = g.figure(element, props, watch, {read, paint});
  };
})(window.genlens);
