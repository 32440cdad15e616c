// Own points with classes: clicked or drawn on a sheet, typed as a table x, y, class, or read from a file. The value is the table.
(function (g) {
  const SHEET = 1.5, APART = 11, EACH = 5, MOST_CLASSES = 5, LETTERS = ['A', 'B', 'C', 'D', 'E'];

  function made(tag, className, more) { return Object.assign(document.createElement(tag), {className}, more); }

  // The rows of a table that can be drawn; what is wrong with the others the run says.
  function rows(text) {
    const first = text.trimStart().split('\n', 1)[0], sign = first.includes('\t') ? '\t' : first.includes(';') ? ';' : ',', found = [];
    for (const line of text.split(/\r?\n/)) {
      const [a, b, name, ...rest] = line.split(sign).map(cell => cell.trim());
      const x = Number(sign === ',' ? a : (a || '').replace(',', '.')), y = Number(sign === ',' ? b : (b || '').replace(',', '.'));
      if (a && b && name && !rest.length && isFinite(x) && isFinite(y)) found.push({x, y, name: name.replace(/^"(.*)"$/, '$1')});
    }
    return found;
  }

  g.own_points = function (element, props, watch, told) {
    const box = element.querySelector('.points'), set = JSON.parse(box.dataset.set), sheet = box.querySelector('canvas');
    const table = box.querySelector('textarea'), said = box.querySelector('.points-said'), row = box.querySelector('.points-row');
    const fold = box.querySelector('details');
    let sent = null, points = [], chosen = 'A', stroke = null, reach = {x: 0, y: 0, half: [SHEET, SHEET]};

    function classes() {  // those there, and more letters to choose from; colours go by the alphabet, as in the figures
      const names = [...new Set(points.map(p => p.name))].sort();
      for (const letter of LETTERS) if (names.length < MOST_CLASSES && !names.includes(letter) && (names.length < 3 || names.every(n => LETTERS.includes(n)))) names.push(letter);
      return names.slice(0, Math.max(MOST_CLASSES, 1));
    }

    const buttons = made('span', 'points-row'), undo = made('button', '', {type: 'button', textContent: 'Undo'});
    const clear = made('button', '', {type: 'button', textContent: 'Clear'});
    buttons.setAttribute('role', 'group');
    buttons.setAttribute('aria-label', 'Class of the next points');
    const label = made('label', 'points-file', {textContent: 'Open a CSV'}), file = made('input', '', {type: 'file', accept: '.csv,.tsv,.txt'});
    label.append(file);
    row.append(buttons, undo, clear, label);

    function colour(k) { return getComputedStyle(element).getPropertyValue('--fig-' + (k % 5 + 1)).trim(); }

    function at(p) { const side = sheet.clientWidth; return [side / 2 + (p.x - reach.x) / reach.half[0] * side / 2, side / 2 - (p.y - reach.y) / reach.half[1] * side / 2]; }

    function fit() {  // the sheet as it is while all points are on it; else as wide as they are
      const far = points.some(p => Math.abs(p.x) > SHEET || Math.abs(p.y) > SHEET);
      reach = {x: 0, y: 0, half: [SHEET, SHEET]};
      if (!far) return;
      const ends = axis => [points.reduce((m, p) => Math.min(m, p[axis]), Infinity), points.reduce((m, p) => Math.max(m, p[axis]), -Infinity)];
      const [[a, b], [c, d]] = [ends('x'), ends('y')];
      reach = {x: (a + b) / 2, y: (c + d) / 2, half: [Math.max((b - a) * 0.55, 1e-9), Math.max((d - c) * 0.55, 1e-9)]};
    }

    function paint() {
      const side = sheet.clientWidth;
      if (!side) return;
      const c = g.colours(element), pen = g.sheet(sheet, side, side), names = classes();
      sheet.style.height = '';
      pen.strokeStyle = c.rule;
      pen.lineWidth = 1;
      pen.beginPath();
      pen.moveTo(0, side / 2); pen.lineTo(side, side / 2); pen.moveTo(side / 2, 0); pen.lineTo(side / 2, side);
      pen.stroke();
      for (const p of points) {
        const k = names.indexOf(p.name), [x, y] = at(p);
        pen.fillStyle = k < 0 ? c.soft : colour(k);
        g.marker(pen, k, x, y, 3.4);
      }
    }

    function show(note) {
      points = rows(table.value);
      fit();
      const names = classes();
      if (!names.includes(chosen)) chosen = names[0];
      buttons.replaceChildren(...names.map((name, k) => {
        const button = made('button', '', {type: 'button'}), dot = made('canvas', 'fields-dot');
        const pen = g.sheet(dot, 12, 12);
        pen.fillStyle = colour(k);
        g.marker(pen, k, 6, 6, 4);
        button.append(dot, name);
        button.setAttribute('aria-label', `Class ${name}`);
        button.setAttribute('aria-pressed', String(name === chosen));
        button.addEventListener('click', () => { chosen = name; for (const other of buttons.children) other.setAttribute('aria-pressed', String(other === button)); });
        return button;
      }));
      undo.disabled = clear.disabled = !table.value.trim();
      const counts = names.map(name => [name, points.filter(p => p.name === name).length]).filter(([, n]) => n);
      const short = counts.length < 2 || counts.some(([, n]) => n < EACH);
      said.textContent = note || (!table.value.trim() ? set.none : points.length ? counts.map(([name, n]) => `${n} of class ${name}`).join(', ')
        + (short ? `. ${set.few}` : `. ${set.used}`) : set.odd);
      sheet.setAttribute('aria-label', `A sheet with ${points.length} points. By keyboard: type them into the table below.`);
      paint();
      return !short;
    }

    function tell(always) {
      const enough = show();
      sent = table.value;
      props.value = table.value;
      if (enough || always || !table.value.trim()) told();
    }

    function place(event) {
      const area = sheet.getBoundingClientRect(), digits = v => Number(v.toPrecision(3));
      return {x: digits(reach.x + ((event.clientX - area.left) / area.width * 2 - 1) * reach.half[0]),
              y: digits(reach.y - ((event.clientY - area.top) / area.height * 2 - 1) * reach.half[1]), px: [event.clientX, event.clientY]};
    }

    function put(p) {
      if (points.length >= set.most) return;
      table.value = `${table.value.trimEnd()}\n${p.x},${p.y},${chosen}`.trimStart();
      points.push({x: p.x, y: p.y, name: chosen});
      paint();
    }

    sheet.addEventListener('pointerdown', event => {
      if (event.button) return;
      event.preventDefault();
      sheet.setPointerCapture(event.pointerId);
      stroke = place(event);
      put(stroke);
    });
    sheet.addEventListener('pointermove', event => {
      if (!stroke) return;
      const next = place(event);
      if (Math.hypot(next.px[0] - stroke.px[0], next.px[1] - stroke.px[1]) < APART) return;
      put(stroke = next);
    });
    for (const end of ['pointerup', 'pointercancel']) sheet.addEventListener(end, () => { if (stroke) { stroke = null; tell(false); } });
    undo.addEventListener('click', () => { table.value = table.value.trimEnd().split('\n').slice(0, -1).join('\n'); tell(false); });
    clear.addEventListener('click', () => { table.value = ''; tell(false); });
    table.addEventListener('input', () => { show(); sent = props.value = table.value; });
    table.addEventListener('change', () => tell(false));
    file.addEventListener('change', () => {
      const given = file.files[0];
      file.value = '';
      if (!given) return;
      if (given.size > set.bytes) { show(`“${given.name}” has ${(given.size / 1e6).toFixed(1)} MB; at most ${set.bytes / 1e6} MB and ${g.count(set.most)} rows are taken. Your points are as they were.`); return; }
      const reader = new FileReader();
      reader.onload = () => { table.value = reader.result; tell(true); };
      reader.readAsText(given);
    });
    fold.addEventListener('toggle', paint);
    new ResizeObserver(paint).observe(sheet);
    new MutationObserver(() => show()).observe(document.body, {attributes: true, attributeFilter: ['class']});

    function take() {
      if (props.value === sent) return;
      sent = props.value || '';
      table.value = sent;
      show();
      if (sent.trim()) fold.open = true;
    }
    take();
    watch('value', take);
  };
})(window.genlens);
