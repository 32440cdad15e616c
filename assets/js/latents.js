// The bench of a VAE: its whole map, one digit's posterior, walks, arithmetic, known factors, and the slides beside the
// right formulas. The browser encodes and decodes by itself (network.js), so nothing here waits for the server.
(function (g) {
  const REACH = 3, GRID = 13, TALL = 400, STEPS = 11, GLYPHS = 150;
  const m = (...given) => g.make(...given);

  // Numbers from N(0, 1): Box and Muller.
  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  const short = (v, places = 2) => (Math.round(10 ** places * v) < 0 ? '−' : '') + Math.abs(v).toFixed(places);

  function tile(pixels, size, title) {
    const small = m('canvas', {width: size, height: size, class: 'vae-tile', 'aria-hidden': 'true'});
    return m('figure', {class: 'vae-figure'}, ink(small, pixels, size), title ? m('figcaption', {}, title) : null);
  }

  function ink(canvas, pixels, size) {
    const pen = canvas.getContext('2d'), sheet = pen.createImageData(size, size);
    for (let k = 0; k < size * size; k++) { const v = Math.round(255 * pixels[k]); sheet.data.set([v, v, v, 255], 4 * k); }
    pen.putImageData(sheet, 0, 0);
    return canvas;
  }

  // What was drawn, sized and centred as the data are: the ink 20 of 28 pixels high or wide, its centre of mass in the middle.
  function centred(image, size) {
    const big = m('canvas', {width: image.naturalWidth, height: image.naturalHeight}), on = big.getContext('2d', {willReadFrequently: true});
    on.drawImage(image, 0, 0);
    const {data} = on.getImageData(0, 0, big.width, big.height);
    let x0 = 1e9, y0 = 1e9, x1 = -1, y1 = -1, mass = 0, mx = 0, my = 0;
    for (let y = 0; y < big.height; y++) for (let x = 0; x < big.width; x++) {
      const v = data[4 * (y * big.width + x)];
      if (v < 60) continue;
      x0 = Math.min(x0, x); x1 = Math.max(x1, x); y0 = Math.min(y0, y); y1 = Math.max(y1, y);
      mass += v; mx += v * (x + 0.5); my += v * (y + 0.5);
    }
    if (x1 < 0) return null;
    const scale = size * 20 / 28 / Math.max(x1 - x0 + 1, y1 - y0 + 1);
    const small = m('canvas', {width: size, height: size}), pen = small.getContext('2d', {willReadFrequently: true});
    pen.imageSmoothingQuality = 'high';
    pen.fillRect(0, 0, size, size);
    pen.drawImage(big, size / 2 - mx / mass * scale, size / 2 - my / mass * scale, big.width * scale, big.height * scale);
    const got = pen.getImageData(0, 0, size, size).data;
    return Float32Array.from({length: size * size}, (_, k) => got[4 * k] / 255);
  }

  g.latents = function (element, props, watch) {
    const box = element.querySelector('.vae'), state = {mode: 'map', z: null, pair: [0, 1], ends: [0, 14], picks: [0, 1, 6], base: 0, pushed: []};
    let data = null, net = null, digits = [], points = [], manifold = null, turn = 0;

    // -- the plane ------------------------------------------------------------------------------------------------
    const plane = m('canvas', {tabindex: '0', class: 'vae-plane', role: 'img'});
    const spot = m('canvas', {class: 'vae-big', role: 'img'}), told = m('p', {class: 'fig-read', 'aria-live': 'polite'});

    function side() { return Math.min(TALL, box.clientWidth || TALL); }
    const at = v => (v + REACH) / (2 * REACH) * side(), up = v => side() - at(v);

    function drawManifold() {  // every picture of the plane, the other numbers as they are
      const size = net.size, sheet = m('canvas', {width: GRID * size, height: GRID * size}), pen = sheet.getContext('2d');
      const small = m('canvas', {width: size, height: size}), code = Float32Array.from(state.z), [i, j] = state.pair;
      for (let r = 0; r < GRID; r++) for (let c = 0; c < GRID; c++) {
        code[i] = ((c + 0.5) / GRID * 2 - 1) * REACH;
        if (j !== i) code[j] = (1 - (r + 0.5) / GRID * 2) * REACH;
        pen.drawImage(ink(small, net.decode(code), size), c * size, r * size);
      }
      manifold = {sheet, key: key()};
    }

    const key = () => JSON.stringify([turn, state.pair, Array.from(state.z, (v, k) => state.pair.includes(k) ? 0 : v.toFixed(3))]);

    function paintPlane() {
      const c = g.colours(element), wide = side(), pen = g.sheet(plane, wide, wide), [i, j] = state.pair;
      plane.style.width = wide + 'px';
      if (manifold && state.mode === 'map') { pen.globalAlpha = 0.7; pen.drawImage(manifold.sheet, 0, 0, wide, wide); pen.globalAlpha = 1; }
      else { pen.fillStyle = c.card; pen.fillRect(0, 0, wide, wide); }
      pen.strokeStyle = c.rule;
      pen.strokeRect(0.5, 0.5, wide - 1, wide - 1);
      pen.textAlign = 'center';
      pen.textBaseline = 'middle';
      pen.font = `bold 12px ${c.font}`;
      pen.strokeStyle = state.mode === 'map' ? '#000' : c.card;
      pen.lineWidth = 3;
      pen.lineJoin = 'round';
      for (let k = 0; k < Math.min(GLYPHS, data.labels.length); k++) {
        const code = points.subarray(k * net.latent, (k + 1) * net.latent);
        pen.fillStyle = state.mode === 'map' ? HUES[data.labels[k] % HUES.length] : c.series[data.labels[k] % 4];
        pen.strokeText(data.labels[k], at(code[i]), up(code[j]));
        pen.fillText(data.labels[k], at(code[i]), up(code[j]));
      }
      pen.lineWidth = 2;
      pen.strokeStyle = state.mode === 'map' ? '#fff' : c.ink;
      if (state.mode === 'digit') {
        for (const many of [1, 2]) {
          pen.beginPath();
          pen.ellipse(at(state.mean[i]), up(state.mean[j]), many * state.spread[i] / REACH * wide / 2, many * state.spread[j] / REACH * wide / 2, 0, 0, 7);
          pen.stroke();
        }
      }
      cross(pen, at(state.z[i]), up(state.z[j]), state.mode === 'map' ? '#fff' : c.ink, c.series[1]);
    }

    function cross(pen, x, y, edge, fill) {
      pen.beginPath();
      pen.arc(x, y, 6, 0, 7);
      pen.fillStyle = fill;
      pen.strokeStyle = edge;
      pen.fill();
      pen.stroke();
    }

    function decodeHere() {
      const began = performance.now();
      spot.width = spot.height = net.size;
      ink(spot, net.decode(state.z), net.size);
      element.dataset.took = (performance.now() - began).toFixed(2);
      const [i, j] = state.pair, where = `z${i + 1} = ${short(state.z[i])}, z${j + 1} = ${short(state.z[j])}`;
      told.textContent = where;
      g.say(spot, `The picture that the code ${where} decodes to`);
      g.say(plane, `${data.label} Now at ${where}. Arrow keys move it.`);
    }

    function move(x, y) {
      const wide = plane.getBoundingClientRect().width, clip = v => Math.max(-REACH, Math.min(REACH, v));
      state.z[state.pair[0]] = clip(x / wide * 2 * REACH - REACH);
      state.z[state.pair[1]] = clip(REACH - y / wide * 2 * REACH);
      decodeHere();
      paintPlane();
    }

    let held = false;
    const where = event => { const area = plane.getBoundingClientRect(); return [event.clientX - area.left, event.clientY - area.top]; };
    plane.addEventListener('pointerdown', event => { if (state.mode === 'map') { held = true; plane.setPointerCapture(event.pointerId); move(...where(event)); } });
    plane.addEventListener('pointermove', event => { if (held) move(...where(event)); });
    for (const end of ['pointerup', 'pointercancel']) plane.addEventListener(end, () => { held = false; });
    plane.addEventListener('keydown', event => {
      const way = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}[event.key];
      if (!way || state.mode !== 'map') return;
      event.preventDefault();
      const size = event.shiftKey ? 0.5 : 0.1, wide = plane.getBoundingClientRect().width;
      move((state.z[state.pair[0]] + way[0] * size + REACH) / (2 * REACH) * wide, wide - (state.z[state.pair[1]] + way[1] * size + REACH) / (2 * REACH) * wide);
    });

    function axes() {  // which two numbers the plane shows
      if (net.latent < 3) return null;
      const order = data.order;
      const menus = [0, 1].map(which => {
        const menu = m('select', {'aria-label': which ? 'Number shown upwards' : 'Number shown to the right'},
                       ...order.map(k => m('option', {value: k}, `z${k + 1} (${data.kl[k].toFixed(1)} nats)`)));
        menu.value = state.pair[which];
        menu.addEventListener('change', () => {
          if (state.pair[1 - which] === Number(menu.value)) state.pair[1 - which] = state.pair[which];  // they change places
          state.pair[which] = Number(menu.value);
          draw();
          box.querySelectorAll('.vae-axes select')[which].focus({preventScroll: true});
        });
        return m('label', {}, which ? 'up' : 'Across', menu);
      });
      return m('p', {class: 'vae-axes'}, ...menus);
    }

    // -- the shelf of held-out digits -----------------------------------------------------------------------------
    function shelf(name, chosen, take) {
      const row = m('div', {class: 'vae-shelf', role: 'group', 'aria-label': name});
      digits.forEach((digit, k) => {
        const button = m('button', {type: 'button', 'aria-label': `${name}: ${digit.title}`, 'aria-pressed': String(k === chosen)}, ink(m('canvas', {width: net.size, height: net.size}), digit.pixels, net.size));
        button.addEventListener('click', () => { take(k); draw(); again(name, k); });
        row.append(button);
      });
      return row;
    }

    function again(name, k) {  // the row was drawn anew: the keyboard stays where it was
      const group = [...box.querySelectorAll('[role=group]')].find(one => one.getAttribute('aria-label') === name);
      if (group && group.children[k]) group.children[k].focus({preventScroll: true});
    }

    const codeOf = k => digits[k].code = digits[k].code || net.encode(digits[k].pixels);

    // -- what can be done ------------------------------------------------------------------------------------------
    const modes = {
      map() {
        if (!manifold || manifold.key !== key()) drawManifold();
        decodeHere();
        const others = state.z.every((v, k) => !v || state.pair.includes(k)) ? data.words.others_zero : data.words.others_kept;
        const here = m('div', {class: 'vae-side'}, spot, told, axes(), m('p', {class: 'vae-note'}, data.words.map.replace('{others}', others)));
        return [m('div', {class: 'vae-bench'}, plane, here)];
      },

      digit() {
        const shown = m('div', {class: 'vae-row'}), table = m('table', {class: 'vae-table'});
        const resample = m('button', {type: 'button', class: 'pad-button'}, data.words.resample), said = m('p', {class: 'fig-read', 'aria-live': 'polite'});
        const pad = m('div', {}, m('div', {class: 'pad', 'data-set': packed(data.pad(digits))}));
        const sheet = {value: state.sheet || JSON.stringify({kind: 'example', name: String(state.base), image: ''})};
        function take(pixels) {
          Object.assign(state, net.encode(pixels), {pixels});
          sample();
        }
        function sample() {
          state.noise = state.mean.map(normal);
          state.z = state.mean.map((v, k) => v + state.spread[k] * state.noise[k]);
          shown.replaceChildren(tile(state.pixels, net.size, data.words.given), tile(net.decode(state.mean), net.size, data.words.mean),
                                tile(net.decode(state.z), net.size, data.words.drawn));
          const rows = data.order.slice(0, 6).map(k => m('tr', {}, m('th', {scope: 'row'}, `z${k + 1}`),
            ...[state.mean[k], state.spread[k], state.noise[k], state.z[k]].map(v => m('td', {}, short(v, 3)))));
          table.replaceChildren(m('thead', {}, m('tr', {}, ...['', 'μ', 'σ', 'ε', 'z = μ + σ·ε'].map(t => m('th', {scope: 'col'}, t)))), m('tbody', {}, ...rows));
          said.textContent = '';
          paintPlane();
        }
        function read() {
          const given = JSON.parse(sheet.value);
          state.sheet = given.kind === 'example' ? null : sheet.value;  // a drawing outlives a look at something else
          if (given.kind === 'example') { state.base = Number(given.name); take(digits[state.base].pixels); return; }
          const image = new Image();
          const nothing = () => { shown.replaceChildren(); table.replaceChildren(); said.textContent = data.words.nothing; };
          image.onload = () => { const pixels = centred(image, net.size); if (pixels) take(pixels); else nothing(); };
          image.onerror = nothing;
          if (given.image) image.src = given.image; else nothing();
        }
        resample.addEventListener('click', sample);
        g.pad(pad, sheet, () => {}, read);
        if (state.sheet) read(); else take(digits[state.base].pixels);
        return [m('div', {class: 'vae-bench'}, pad, m('div', {class: 'vae-side wide'}, shown, m('p', {}, resample), said, table, m('p', {class: 'vae-note'}, data.words.digit))),
                m('h4', {}, data.words.ellipse), plane, axes()].filter(Boolean);
      },

      walk() {
        const [a, b] = state.ends.map(k => Float32Array.from(codeOf(k).mean));
        const straight = g.walks.straight(a, b, STEPS), arc = g.walks.arc(a, b, STEPS), half = (STEPS - 1) / 2;
        const row = (codes, name) => m('div', {class: 'vae-walk'}, m('h4', {}, name), m('div', {class: 'vae-row'}, ...codes.map(z => tile(net.decode(z), net.size))));
        const said = data.words.walked.replace('{straight}', g.walks.length(straight[half]).toFixed(1)).replace('{arc}', g.walks.length(arc[half]).toFixed(1))
          .replace('{typical}', Math.sqrt(net.latent).toFixed(1));
        return [shelf(data.words.from, state.ends[0], k => { state.ends[0] = k; }), shelf(data.words.to, state.ends[1], k => { state.ends[1] = k; }),
                row(straight, data.words.straight), row(arc, data.words.arc), m('p', {class: 'vae-note'}, said)].flatMap((part, k) => k < 2 ? [m('h4', {}, [data.words.from, data.words.to][k]), part] : [part]);
      },

      sums() {
        const names = ['A', 'B', 'C'], codes = state.picks.map(k => codeOf(k).mean);
        const z = codes[0].map((v, k) => v - codes[1][k] + codes[2][k]), signs = ['', '−', '+'];
        const parts = state.picks.flatMap((k, n) => [signs[n] ? m('span', {class: 'vae-sign'}, signs[n]) : null, tile(net.decode(codes[n]), net.size, names[n])]);
        return [...names.flatMap((name, n) => [m('h4', {}, name), shelf(name, state.picks[n], k => { state.picks[n] = k; })]),
                m('div', {class: 'vae-row vae-sums'}, ...parts.filter(Boolean), m('span', {class: 'vae-sign'}, '='), tile(net.decode(z), net.size, 'A − B + C')),
                m('p', {class: 'vae-note'}, data.words.sums)];
      },

      factors() {
        const code = codeOf(state.base).mean, result = m('canvas', {class: 'vae-big', width: net.size, height: net.size, role: 'img'});
        const redraw = () => {
          const z = code.map((v, k) => v + data.factors.reduce((sum, f, n) => sum + (state.pushed[n] || 0) * f.direction[k], 0));
          ink(result, net.decode(z), net.size);
          g.say(result, data.factors.map((f, n) => `${f.name} ${short(state.pushed[n] || 0)}`).join(', '));
        };
        const rows = data.factors.map((factor, n) => {
          const slider = m('input', {type: 'range', min: -4, max: 4, step: 0.1, 'aria-label': `${factor.name}, in standard deviations`});
          slider.value = state.pushed[n] || 0;
          slider.addEventListener('input', () => { state.pushed[n] = Number(slider.value); redraw(); });
          return m('tr', {}, m('th', {scope: 'row'}, factor.name), m('td', {}, slider), m('td', {}, short(factor.r2)), m('td', {}, `${short(factor.single)} (z${factor.latent + 1})`));
        });
        redraw();
        const head = m('thead', {}, m('tr', {}, ...['', data.words.push, data.words.all, data.words.single].map(t => m('th', {scope: 'col'}, t))));
        return [shelf(data.words.base, state.base, k => { state.base = k; }),
                m('div', {class: 'vae-bench'}, result, m('div', {class: 'vae-side wide'}, m('table', {class: 'vae-table'}, head, m('tbody', {}, ...rows)), m('p', {class: 'vae-note'}, data.words.factors)))];
      },

      slides() {
        const cards = data.slides.map(slide => m('section', {class: 'vae-slide'}, m('h4', {}, slide.title), m('p', {}, m('b', {}, data.words.says, ' '), slide.says), m('p', {}, m('b', {}, data.words.right, ' '), slide.right)));
        const rows = data.table.rows.map(row => m('tr', {}, m('th', {scope: 'row'}, row[0]), ...row.slice(1).map(v => m('td', {}, v))));
        const head = m('thead', {}, m('tr', {}, ...data.table.head.map(t => m('th', {scope: 'col'}, t))));
        return [m('h4', {}, data.table.title), m('table', {class: 'vae-table'}, head, m('tbody', {}, ...rows)), m('p', {class: 'vae-note'}, data.table.note), ...cards];
      },
    };

    const packed = settings => btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(settings))));

    function draw() {
      if (!net && state.mode !== 'slides' || !data) return;
      const names = Object.keys(data.modes).filter(name => name !== 'factors' || data.factors.length);
      const bar = m('div', {class: 'vae-modes', role: 'group', 'aria-label': data.words.modes});
      for (const name of names) {
        const button = m('button', {type: 'button', 'aria-pressed': String(name === state.mode)}, data.modes[name]);
        button.addEventListener('click', () => { state.mode = name; draw(); box.querySelector('[aria-pressed=true]').focus({preventScroll: true}); });
        bar.append(button);
      }
      box.replaceChildren(bar, m('div', {class: 'vae-stage'}, ...modes[state.mode]()));
      if (['map', 'digit'].includes(state.mode)) paintPlane();
      element.dataset.ready = box.dataset.mode = state.mode;
    }

    const HUES = ['#7cc4ff', '#ffb04d', '#5be0b8', '#f0a8d2', '#f4e96b'];

    function read(given) {
      data = given;
      const mine = ++turn;
      element.querySelector('.fig').hidden = !data;
      if (!data) { net = null; return; }
      g.network(data.model).then(made => {
        if (mine !== turn) return;  // a newer run is there already
        net = made;
        points = g.numbers(data.codes);
        const raw = g.bytes(data.digits), area = net.size ** 2;
        digits = data.titles.map((title, k) => ({title, pixels: Float32Array.from(raw.subarray(k * area, (k + 1) * area), v => v / 255)}));
        data.pad = shown => ({label: data.words.sheet, width: 28, height: 28, inks: {white: '#ffffff'}, papers: {black: '#000000'}, stroke: 2.5, thin: 1, thick: 5, uploads: false, most: 1,
          examples: shown.map((d, k) => ({name: String(k), title: d.title, image: ink(m('canvas', {width: net.size, height: net.size}), d.pixels, net.size).toDataURL()})).filter((_, k) => k % 2 === 0)});
        const inside = k => Math.min(k, digits.length - 1);
        Object.assign(state, {pair: [data.order[0], data.order[1] ?? data.order[0]], picks: state.picks.map(inside), ends: state.ends.map(inside), base: inside(state.base), pushed: [], mode: data.factors.length || state.mode !== 'factors' ? state.mode : 'map'});
        state.z = new Float32Array(net.latent);
        state.mean = state.z; state.spread = state.z;
        draw();
      });
    }

    g.figure(element, props, watch, {read, paint() { if (net && data && ['map', 'digit'].includes(state.mode)) paintPlane(); }});
  };
})(window.genlens);
