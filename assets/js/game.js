// A GAN in the plane: field, points, arrows and mesh as layers, a film of the run to rewind, and the moves that go on from
// the moment shown. A move is the event `click`, which carries {control: value}; everything else stays in the browser.
(function (g) {
  const MOST_FRAMES = 500, SIDE = 460, FOOT = 22, SLOW_MS = 2200;
  const LAYERS = [['field', 'Discriminator'], ['real', 'Real points'], ['fake', 'Fakes'], ['arrows', 'Gradients'], ['mesh', 'Manifold']];
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const made = (tag, className, text) => Object.assign(document.createElement(tag), {className, textContent: text || ''});
  const order = frame => frame.update + (frame.sub || 0) / 100;  // sub: of one turn in slow motion

  g.game = function (element, props, watch, pick) {
    const find = name => element.querySelector(name), canvas = find('canvas'), caption = find('.game-caption'), scrub = find('.fig-scrub');
    const range = scrub.querySelector('input'), out = scrub.querySelector('output'), moves = find('.game-moves'), zoo = find('.game-zoo');
    const shown = {field: true, real: true, fake: true, arrows: true, mesh: true};
    let film = [], follow = true, last = null, timer = 0, brush = false, sprayed = [];

    // -- the rows of buttons -------------------------------------------------------------------------------------
    function button(row, text, act, pressed) {
      const one = made('button', 'game-button', text);
      one.type = 'button';
      if (pressed !== undefined) one.setAttribute('aria-pressed', String(pressed));
      one.addEventListener('click', () => act(one));
      row.append(one);
      return one;
    }
    const layers = LAYERS.map(([name, title]) => {
      const one = button(find('.game-layers'), title, () => {
        shown[name] = !shown[name];
        one.setAttribute('aria-pressed', String(shown[name]));
        repaint();
      }, true);
      one.dataset.layer = name;
      return one;
    });
    const draw = button(find('.game-layers'), 'Draw my own points', () => {
      brush = !brush;
      if (!brush && sprayed.length > 7) pick({data: 'own', points: sprayed.map(p => p.join(',')).join('\n'), earlier: '', act: 'play', case: 'none'});
      tell();
      repaint();
    }, false);

    function read(data) {
      const old = last;
      last = data;
      clearTimeout(timer);
      for (const row of [moves, zoo]) row.hidden = !data;
      if (!data) { film = []; scrub.hidden = true; g.say(canvas, 'Nothing drawn yet'); return; }
      const came = data.film || [data.now], first = order(came[0]), end = film.length ? order(film[film.length - 1]) : -1;
      const other = old && (data.base !== old.base || past(old, end) !== past(data, end));  // the last picture may come twice
      if (!old || data.film || other || first < end) {
        const same = old && data.began > 0 && old.base === data.base && past(old, data.began) === past(data, data.began);
        film = same ? film.filter(frame => frame.update <= data.began) : [];
        follow = true;
      }
      for (const frame of came) if (!film.length || order(frame) > order(film[film.length - 1])) film.push(frame);
      while (film.length > MOST_FRAMES) film = film.filter((_, k) => k % 2 === 0 || k > film.length - 40);
      scrub.hidden = film.length < 2;
      range.max = film.length - 1;
      if (data.slow) { follow = false; range.value = film.findIndex(frame => order(frame) >= first); slowly(); }
      if (follow) range.value = film.length - 1;
      choices();
      tell();
    }

    function choices() {  // the words come with the data; the focus stays where it was
      const had = document.activeElement && element.contains(document.activeElement) && document.activeElement.dataset.name;
      moves.replaceChildren(made('span', 'game-name', last.words.moves));
      for (const [act, title] of last.words.acts) button(moves, title, () => pick({earlier: past(last, frame().update), act})).dataset.name = act;
      zoo.replaceChildren(made('span', 'game-name', last.words.zoo));
      for (const one of last.zoo) {
        const it = button(zoo, one.title, () => pick({...one.settings, earlier: '', act: 'play'}), one.name === last.case);
        it.dataset.name = one.name;
      }
      if (had) element.querySelector(`[data-name="${CSS.escape(had)}"]`)?.focus();
    }

    function slowly() {
      if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
      timer = setTimeout(() => {
        if (Number(range.value) >= film.length - 1) { follow = true; return; }
        range.value = Number(range.value) + 1;
        tell();
        repaint();
        slowly();
      }, SLOW_MS);
    }

    // The story of a run up to an update, as the control "Go on from" wants it.
    function past(data, update) {
      let since = 0;
      const told = [];
      for (const [until, rest] of data.parts) { if (since < update) told.push(`${Math.min(until, update)} ${rest}`); since = until; }
      return told.join('; ');
    }

    function frame() { return film[follow ? film.length - 1 : Math.min(film.length - 1, Number(range.value))]; }

    function tell() {
      if (!last) return;
      const now = frame();
      out.textContent = `${last.words.unit} ${g.count(now.update)} of ${g.count(last.steps)}`;
      range.setAttribute('aria-valuetext', out.textContent);
      draw.setAttribute('aria-pressed', String(brush));
      canvas.style.touchAction = brush ? 'none' : '';  // a finger draws, it does not scroll
      draw.textContent = brush ? (sprayed.length > 7 ? 'Use these points' : 'Leave drawing') : 'Draw my own points';
      caption.textContent = brush ? `${last.words.brush} (${sprayed.length})` : now.caption || '';
      for (const one of layers) one.hidden = last.scene.data === 'dirac';
      draw.hidden = last.scene.data === 'dirac';
      find('.game-key').textContent = last.key;
      g.say(canvas, `${now.label || ''} ${now.caption || ''}`.trim());
      g.point(last.group, follow ? null : now.update);
    }

    // -- the picture -----------------------------------------------------------------------------------------------
    function rgb(colour) { const n = parseInt(colour.slice(1), 16); return [n >> 16, (n >> 8) & 255, n & 255]; }

    let at = v => v, up = v => v, side = SIDE, left = 0;
    function paint(data) {
      const c = g.colours(element), width = canvas.parentElement.clientWidth, now = frame(), reach = data.scene.limit;
      side = Math.min(SIDE, width - 44);  // beside it, the numbers of the axis
      left = Math.round((width - side) / 2);
      const pen = g.sheet(canvas, width, side + FOOT + 4);
      pen.translate(left, 2);
      at = v => (v + reach) / (2 * reach) * side;
      up = v => side - at(v);
      pen.save();
      pen.beginPath();
      pen.rect(0, 0, side, side);
      pen.clip();
      if (data.scene.data === 'dirac') duel(pen, c, now);
      else {
        if (shown.field && now.field) field(pen, c, now.field);
        if (shown.mesh && now.mesh) mesh(pen, c, g.numbers(now.mesh), data.scene.noise);
        rings(pen, c, data.scene.modes);
        if (shown.real) real(pen, c, now.batch ?? data.scene.real);
        if (shown.arrows && now.arrows) arrows(pen, c, g.numbers(now.arrows));
        if (shown.fake && now.fake) fakes(pen, c, g.numbers(now.fake));
        if (brush) spots(pen, c);
      }
      pen.restore();
      pen.strokeStyle = c.rule;
      pen.lineWidth = 1;
      pen.strokeRect(0.5, 0.5, side - 1, side - 1);
      pen.fillStyle = c.soft;
      pen.font = `12px ${c.font}`;
      pen.textAlign = 'center';
      for (const tick of g.ticks(-reach, reach, 4)) {
        const text = g.number(tick).replace('-', '\u2212');
        pen.fillText(text, at(tick), side + 16);
        if (Math.abs(tick) < reach * 0.9) { pen.textAlign = 'right'; pen.fillText(text, -5, up(tick) + 4); pen.textAlign = 'center'; }
      }
    }

    function field(pen, c, packed) {  // orange where D finds points fake, blue where it finds them real
      const values = bytes(packed), many = Math.round(Math.sqrt(values.length)), small = made('canvas', ''), on = small.getContext('2d');
      small.width = small.height = many;
      const image = on.createImageData(many, many), [real, fake] = [rgb(c.series[0]), rgb(c.series[1])];
      values.forEach((value, k) => {
        const v = value / 255, tint = v > 0.5 ? real : fake;
        image.data.set([...tint, Math.min(1, Math.abs(v - 0.5) * 2) * 105], 4 * k);
      });
      on.putImageData(image, 0, 0);
      pen.imageSmoothingEnabled = true;
      pen.imageSmoothingQuality = 'high';
      pen.drawImage(small, 0.5, 0.5, many - 1, many - 1, 0, 0, side, side);
    }

    function mesh(pen, c, net, noise) {
      const many = Math.round(Math.sqrt(net.length / 2)), x = k => at(net[2 * k]), y = k => up(net[2 * k + 1]);
      pen.strokeStyle = c.series[3];
      pen.lineWidth = 1;
      if (noise === 'line') {
        pen.globalAlpha = 0.8;
        pen.beginPath();
        for (let k = 0; 2 * k < net.length; k++) pen.lineTo(x(k), y(k));
        pen.stroke();
        pen.globalAlpha = 1;
        return;
      }
      pen.fillStyle = c.series[3];
      for (let i = 0; i + 1 < many; i++) for (let j = 0; j + 1 < many; j++) {
        const corners = [i * many + j, i * many + j + 1, (i + 1) * many + j + 1, (i + 1) * many + j];
        const area = Math.abs(corners.reduce((sum, k, n) => sum + x(k) * y(corners[(n + 1) % 4]) - x(corners[(n + 1) % 4]) * y(k), 0)) / 2;
        pen.beginPath();
        for (const k of corners) pen.lineTo(x(k), y(k));
        pen.closePath();
        pen.globalAlpha = Math.min(0.45, 40 / (area + 20));  // equal shares of the codes: a small cell is a crowded one
        pen.fill();
        pen.globalAlpha = 0.35;
        pen.stroke();
      }
      pen.globalAlpha = 1;
    }

    function rings(pen, c, modes) {
      pen.strokeStyle = c.soft;
      pen.lineWidth = 1;
      pen.setLineDash([3, 3]);
      for (const [x, y, r] of modes) { pen.beginPath(); pen.arc(at(x), up(y), r / (2 * last.scene.limit) * side, 0, 7); pen.stroke(); }
      pen.setLineDash([]);
    }

    function real(pen, c, packed) {  // squares, so that they differ from the fakes in shape too
      const points = g.numbers(packed), dot = side / 170;
      pen.fillStyle = c.series[0];
      pen.globalAlpha = 0.85;
      for (let k = 0; k < points.length; k += 2) pen.fillRect(at(points[k]) - dot / 2, up(points[k + 1]) - dot / 2, dot, dot);
      pen.globalAlpha = 1;
    }

    function fakes(pen, c, points) {
      pen.fillStyle = c.series[1];
      pen.strokeStyle = c.card;
      pen.lineWidth = 0.7;
      for (let k = 0; k < points.length; k += 2) {
        pen.beginPath();
        pen.arc(at(points[k]), up(points[k + 1]), side / 155, 0, 7);
        pen.fill();
        pen.stroke();
      }
    }

    function arrows(pen, c, rows) {
      const scale = side / (2 * last.scene.limit);
      pen.strokeStyle = pen.fillStyle = c.ink;
      pen.lineWidth = 1.3;
      for (let k = 0; k < rows.length; k += 4) {
        const x = at(rows[k]), y = up(rows[k + 1]), dx = rows[k + 2] * scale, dy = -rows[k + 3] * scale, long = Math.hypot(dx, dy);
        if (long < 1) continue;
        pen.beginPath();
        pen.moveTo(x, y);
        pen.lineTo(x + dx, y + dy);
        pen.stroke();
        const ux = dx / long, uy = dy / long, head = Math.min(5, long);
        pen.beginPath();
        pen.moveTo(x + dx, y + dy);
        pen.lineTo(x + dx - head * (ux - uy * 0.5), y + dy - head * (uy + ux * 0.5));
        pen.lineTo(x + dx - head * (ux + uy * 0.5), y + dy - head * (uy - ux * 0.5));
        pen.fill();
      }
    }

    function spots(pen, c) {
      pen.fillStyle = c.series[2];
      for (const [x, y] of sprayed) { pen.beginPath(); pen.arc(at(x), up(y), 3, 0, 7); pen.fill(); }
    }

    function duel(pen, c, now) {  // the path of (theta, psi) around the one point of rest
      pen.strokeStyle = c.rule;
      pen.lineWidth = 1;
      pen.beginPath();
      pen.moveTo(at(0), 0); pen.lineTo(at(0), side); pen.moveTo(0, up(0)); pen.lineTo(side, up(0));
      pen.stroke();
      pen.fillStyle = c.soft;
      pen.font = `12.5px ${c.font}`;
      pen.textAlign = 'right';
      pen.fillText(last.words.theta, side - 8, up(0) - 6);
      pen.textAlign = 'left';
      pen.fillText(last.words.psi, at(0) + 7, 15);
      const path = g.numbers(now.trail);
      pen.strokeStyle = c.series[1];
      pen.lineWidth = 1.4;
      pen.globalAlpha = 0.7;
      pen.beginPath();
      for (let k = 0; k < path.length; k += 2) pen.lineTo(at(path[k]), up(path[k + 1]));
      pen.stroke();
      pen.globalAlpha = 1;
      pen.fillStyle = c.series[1];
      pen.beginPath();
      pen.arc(at(now.at[0]), up(now.at[1]), 6, 0, 7);
      pen.fill();
      pen.strokeStyle = c.series[0];
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(at(0), up(0), 8, 0, 7);
      pen.stroke();
    }

    // -- hands -----------------------------------------------------------------------------------------------------
    function spray(event) {
      const area = canvas.getBoundingClientRect(), reach = last.scene.limit;
      const x = ((event.clientX - area.left - left) / side * 2 - 1) * reach, y = (1 - (event.clientY - area.top - 2) / side * 2) * reach;
      if (Math.abs(x) > reach || Math.abs(y) > reach || sprayed.length > 1500) return;
      for (let k = 0; k < 4; k++) sprayed.push([x + reach * 0.06 * (Math.random() - 0.5), y + reach * 0.06 * (Math.random() - 0.5)].map(v => Number(v.toFixed(3))));
      tell();
      repaint();
    }
    let down = false;
    canvas.addEventListener('pointerdown', event => { if (!brush) return; event.preventDefault(); canvas.setPointerCapture(event.pointerId); down = true; spray(event); });
    canvas.addEventListener('pointermove', event => { if (brush && down) spray(event); });
    for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { down = false; });
    range.addEventListener('input', () => { clearTimeout(timer); follow = Number(range.value) >= film.length - 1; tell(); repaint(); });
    const repaint = g.figure(element, props, watch, {read, paint});
  };
})(window.genlens);
