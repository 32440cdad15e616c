// A drawing pad: pens, papers, undo, and two ways in for who does not draw, examples and a file of one's own.
// Its value is a JSON string, {kind: 'drawing' | 'example' | 'file', name, image}; image is a data URL, PNG for a drawing.
(function (g) {
  const FINE = 6;  // pixels on the sheet for one of the picture's: strokes stay smooth

  function made(tag, className, more) { return Object.assign(document.createElement(tag), {className}, more); }

  g.pad = function (element, props, watch, told, id) {
    const box = element.querySelector('.pad');
    const packed = box.dataset.set;
    const set = packed ? JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(packed), c => c.charCodeAt(0)))) : g.kept[id];
    const sheet = made('canvas', 'pad-sheet', {width: set.width * FINE, height: set.height * FINE, tabIndex: 0});
    const pen = sheet.getContext('2d'), said = made('p', 'pad-said');
    const inks = Object.entries(set.inks), papers = Object.entries(set.papers);
    let base = {paper: papers[0][1]}, origin = {kind: 'drawing', name: ''}, strokes = [], ink = inks[0][1], now = null, sent = '';
    sheet.setAttribute('role', 'img');
    said.setAttribute('aria-live', 'polite');

    // -- the sheet ---------------------------------------------------------------------------------------------
    function paint(on, scale) {
      on.setTransform(1, 0, 0, 1, 0, 0);
      on.fillStyle = base.paper || papers[0][1];
      on.fillRect(0, 0, set.width * scale, set.height * scale);
      if (base.image) cover(on, base.image, set.width * scale, set.height * scale);
      on.setTransform(scale, 0, 0, scale, 0, 0);
      on.lineCap = on.lineJoin = 'round';
      for (const stroke of strokes) {
        on.strokeStyle = on.fillStyle = stroke.ink;
        on.lineWidth = stroke.wide;
        on.beginPath();
        if (stroke.points.length === 1) { on.arc(...stroke.points[0], stroke.wide / 2, 0, 7); on.fill(); }
        else { for (const point of stroke.points) on.lineTo(...point); on.stroke(); }
      }
    }

    function cover(on, image, width, height) {  // the middle of the picture, as large as the sheet
      const scale = Math.max(width / image.naturalWidth, height / image.naturalHeight);
      const wide = image.naturalWidth * scale, high = image.naturalHeight * scale;
      on.imageSmoothingEnabled = image.naturalWidth > set.width;
      on.drawImage(image, (width - wide) / 2, (height - high) / 2, wide, high);
    }

    function drawing() {  // the sheet in the picture's own size, each pixel the mean of what lies on it
      const small = made('canvas', '', {width: set.width, height: set.height}), on = small.getContext('2d');
      paint(pen, FINE);
      on.imageSmoothingQuality = 'high';
      on.drawImage(sheet, 0, 0, set.width, set.height);
      return small.toDataURL('image/png');
    }

    function tell(send) {
      paint(pen, FINE);
      const title = (set.examples.find(e => e.name === origin.name) || {}).title || origin.name;
      const what = strokes.length || origin.kind === 'drawing' ? (strokes.length || base.image ? 'your drawing' : 'an empty sheet')
        : origin.kind === 'example' ? `the example “${title}”` : `your file “${title}”`;
      said.textContent = `On the sheet: ${what}.`;
      sheet.setAttribute('aria-label', `${set.label}: ${what}`);
      undo.disabled = !strokes.length;
      for (const one of shelf.children) one.setAttribute('aria-pressed', String(!strokes.length && origin.kind === 'example' && one.dataset.name === origin.name));
      if (!send) return;
      sent = JSON.stringify(strokes.length || origin.kind === 'drawing' ? {kind: 'drawing', name: '', image: drawing()}
        : {kind: origin.kind, name: origin.name, image: origin.kind === 'file' ? origin.image : ''});
      props.value = sent;
      told();
    }

    function place(event) {
      const area = sheet.getBoundingClientRect();
      return [(event.clientX - area.left) / area.width * set.width, (event.clientY - area.top) / area.height * set.height];
    }

    sheet.addEventListener('pointerdown', event => {
      if (event.button) return;
      event.preventDefault();
      sheet.setPointerCapture(event.pointerId);
      now = {ink, wide: Number(width.value), points: [place(event)]};
      strokes.push(now);
      paint(pen, FINE);
    });
    sheet.addEventListener('pointermove', event => {
      if (!now) return;
      for (const each of event.getCoalescedEvents ? event.getCoalescedEvents() : [event]) now.points.push(place(each));
      paint(pen, FINE);
    });
    for (const end of ['pointerup', 'pointercancel']) sheet.addEventListener(end, () => { if (now) { now = null; tell(true); } });

    // -- what can be put on it -----------------------------------------------------------------------------------
    function show(given, send) {  // given: a value; the picture is decoded before anybody is told
      const example = given.kind === 'example' && set.examples.find(e => e.name === given.name);
      const source = example ? example.image : given.image;
      origin = {kind: given.kind, name: given.name || '', image: given.image};
      strokes = [];
      if (!source) { base = {paper: base.paper || papers[0][1]}; tell(send); return; }
      const image = new Image();
      image.onload = () => { base = {image}; tell(send); };
      image.onerror = () => { base = {paper: papers[0][1]}; tell(send); };  // the run says what is wrong with it
      image.src = source;
    }

    const shelf = made('div', 'pad-shelf');
    for (const example of set.examples) {
      const pick = made('button', '', {type: 'button', title: example.title});
      pick.dataset.name = example.name;
      pick.setAttribute('aria-label', `Example: ${example.title}`);
      pick.append(made('img', 'fig-crisp', {src: example.image, alt: ''}));
      pick.addEventListener('click', () => show({kind: 'example', name: example.name}, true));
      shelf.append(pick);
    }

    function swatches(name, choices, take) {
      const row = made('div', 'pad-row'), title = made('span', 'pad-name', {textContent: name});
      row.setAttribute('role', 'group');
      row.setAttribute('aria-label', name);
      const buttons = choices.map(([word, colour]) => {
        const swatch = made('button', 'pad-swatch', {type: 'button', title: word});
        swatch.setAttribute('aria-label', `${name}: ${word}`);
        swatch.style.background = colour;
        swatch.addEventListener('click', () => {
          for (const other of buttons) other.setAttribute('aria-pressed', String(other === swatch));
          take(colour);
        });
        return swatch;
      });
      if (buttons.length) buttons[0].setAttribute('aria-pressed', 'true');
      row.append(title, ...buttons);
      return buttons.length > 1 ? [row] : [];
    }

    const width = made('input', '', {type: 'range', min: set.thin, max: set.thick, step: set.thick > 12 ? 1 : 0.5, value: set.stroke});
    width.setAttribute('aria-label', 'Width of the pen, in pixels of the picture');
    const undo = made('button', 'pad-button', {type: 'button', textContent: 'Undo'});
    undo.addEventListener('click', () => { strokes.pop(); tell(true); });
    const clear = made('button', 'pad-button', {type: 'button', textContent: 'New sheet'});
    clear.addEventListener('click', () => { base = {paper: base.paper || papers[0][1]}; origin = {kind: 'drawing', name: ''}; strokes = []; tell(true); });
    const tools = made('div', 'pad-row');
    tools.append(made('span', 'pad-name', {textContent: 'Pen'}), width, undo, clear);
    if (set.uploads) {
      const label = made('label', 'pad-button', {textContent: 'Open a file'}), file = made('input', '', {type: 'file', accept: 'image/*'});
      file.addEventListener('change', () => {
        const chosen = file.files[0];
        if (!chosen) return;
        if (chosen.size > set.most) { said.textContent = `“${chosen.name}” has ${(chosen.size / 1e6).toFixed(1)} MB; at most ${set.most / 1e6} are taken.`; file.value = ''; return; }
        const reader = new FileReader();
        reader.onload = () => show({kind: 'file', name: chosen.name, image: reader.result}, true);
        reader.readAsDataURL(chosen);
        file.value = '';
      });
      label.append(file);
      tools.append(label);
    }
    box.append(...(set.examples.length ? [made('span', 'pad-name', {textContent: 'Pick an example, or draw on the sheet'}), shelf] : []), sheet,
               ...swatches('Ink', inks, colour => { ink = colour; }),
               ...swatches('Paper', papers, colour => { base = {paper: colour}; if (origin.kind !== 'drawing') origin = {kind: 'drawing', name: ''}; tell(true); }),
               tools, said);

    function take() {
      if (props.value === sent) return;
      sent = props.value;
      let given = {kind: 'drawing', name: '', image: ''};
      try { given = {...given, ...JSON.parse(props.value)}; } catch { /* nothing on the sheet */ }
      show(given, false);
    }
    take();
    watch('value', take);
  };
})(window.genlens);
