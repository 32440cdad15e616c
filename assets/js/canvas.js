// What every figure shares: it reads its JSON string, draws on a sharp canvas, and draws again when the data, its
// size or the theme changes. Colours come from CSS variables, so a figure follows light and dark by itself.
window.genlens = window.genlens || {};
(function (g) {
  g.colours = function (element) {
    const style = getComputedStyle(element), read = name => style.getPropertyValue(name).trim();
    return {ink: read('--fig-ink'), soft: read('--fig-soft'), rule: read('--fig-rule'), card: read('--fig-card'),
            real: read('--fig-real'), series: [1, 2, 3, 4].map(k => read('--fig-' + k)), font: style.fontFamily};
  };

  // figure(element, props, watch, {read(data), paint(data)}): read once per value, paint as often as needed.
  g.figure = function (element, props, watch, {read, paint}) {
    let data = null, waiting = false;
    function repaint() {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; if (data && element.clientWidth) paint(data); });
    }
    function take() {
      const empty = element.querySelector('.fig-empty'), drawn = data;
      data = props.value ? JSON.parse(props.value) : null;
      if (empty) empty.hidden = Boolean(data);
      g.badge(element, data);
      read(data);
      if (drawn && !data) for (const sheet of element.querySelectorAll('canvas')) { sheet.width = sheet.width; sheet.style.height = '0px'; }
      repaint();
    }
    new ResizeObserver(repaint).observe(element);
    new MutationObserver(repaint).observe(document.body, {attributes: true, attributeFilter: ['class']});
    window.addEventListener('genlens-theme', repaint);
    take();
    watch('value', take);
    return repaint;
  };

  g.badge = function (element, data) {
    const badge = element.querySelector('.fig-badge');
    badge.textContent = data && data.badge || '';
    badge.hidden = !badge.textContent;
  };

  // A canvas of this many CSS pixels, with as many real pixels as the screen has.
  g.sheet = function (canvas, width, height) {
    const scale = window.devicePixelRatio || 1, pen = canvas.getContext('2d');
    canvas.style.height = height + 'px';
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    return pen;
  };

  // base64 of little-endian int16 in units of 1/8192 -> Float32Array
  g.numbers = function (text) {
    const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0)), view = new DataView(bytes.buffer);
    return Float32Array.from({length: bytes.length / 2}, (_, k) => view.getInt16(2 * k, true) / 8192);
  };

  g.say = function (canvas, label) {
    if (canvas.getAttribute('aria-label') !== label) canvas.setAttribute('aria-label', label);
  };

  g.count = n => Number(n).toLocaleString('en');

  // About `most` round numbers from low to high.
  g.ticks = function (low, high, most) {
    const raw = (high - low) / Math.max(1, most), size = 10 ** Math.floor(Math.log10(raw));
    const step = size * [1, 2, 5, 10].find(k => size * k >= raw * 0.999), found = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(k * step || 0);
    return found;
  };

  g.number = function (x) {
    const size = Math.abs(x);
    if (size >= 1000) return g.count(Math.round(x));
    return String(Number(x.toPrecision(size >= 100 ? 3 : 2)));
  };

  // Figures of one lab share a cursor: where the one is scrubbed to, the other draws a line.
  g.point = (group, x) => window.dispatchEvent(new CustomEvent('genlens-cursor', {detail: {group, x}}));
  g.pointed = (group, then) => window.addEventListener('genlens-cursor', e => { if (e.detail.group === group()) then(e.detail.x); });

  // Write a value into one of Gradio's fields, as if it had been typed.
  g.turn = function (id, value) {
    const field = document.querySelector(`#${CSS.escape(id)} :is(input, textarea)`);
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, value);
    field.dispatchEvent(new Event('input', {bubbles: true}));
  };
})(window.genlens);
