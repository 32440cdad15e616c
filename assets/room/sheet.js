// A sheet to draw on, by finger, mouse or keys, and a picture of lines that were drawn. Lines: [[x, y, x, y, ...], ...], 0 to 255.
window.genlens = window.genlens || {};
(function (g) {
  const SIDE = 256, MOST = 1500;

  g.paintLines = function (canvas, lines) {
    const pen = canvas.getContext('2d');
    canvas.width = canvas.height = SIDE * 2;
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, SIDE * 2, SIDE * 2);
    pen.strokeStyle = '#16202e';
    pen.lineWidth = 6;
    pen.lineCap = pen.lineJoin = 'round';
    for (const line of lines) {
      pen.beginPath();
      for (let k = 0; k < line.length; k += 2) pen.lineTo(line[k] * 2, line[k + 1] * 2 + (line.length === 2 && k === 0 ? .1 : 0));
      if (line.length === 2) pen.lineTo(line[0] * 2, line[1] * 2);
      pen.stroke();
    }
  };

  g.sheet = function (root) {
    const canvas = root.appendChild(g.make('canvas', {class: 'sheet', tabindex: 0, role: 'application',
      'aria-label': 'Sheet to draw on. Arrow keys move the pen, space puts it down and lifts it.'}));
    const said = root.appendChild(g.make('p', {class: 'soft', 'aria-live': 'polite', text: 'Draw here. Keys: arrows move, space puts the pen down or lifts it.'}));
    const lines = [];
    let drawing = false, at = [128, 128], down = false;
    const full = () => lines.reduce((n, line) => n + line.length / 2, 0) >= MOST || lines.length >= 60;
    function paint() {
      g.paintLines(canvas, lines);
      if (document.activeElement === canvas) {
        const pen = canvas.getContext('2d');
        pen.strokeStyle = down ? '#c14d00' : '#0067a8';
        pen.lineWidth = 3;
        pen.strokeRect(at[0] * 2 - 9, at[1] * 2 - 9, 18, 18);
      }
    }
    function spot(event) {
      const box = canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top].map((v, k) =>
        Math.max(0, Math.min(255, Math.round(v / (k ? box.height : box.width) * 255))));
    }
    function go(point) {
      const line = lines.at(-1);
      if (Math.hypot(point[0] - line.at(-2), point[1] - line.at(-1)) < 3 || full()) return;
      line.push(...point);
      paint();
    }
    canvas.addEventListener('pointerdown', event => {
      if (full()) return;
      canvas.setPointerCapture(event.pointerId);
      lines.push(spot(event));
      drawing = true;
      paint();
    });
    canvas.addEventListener('pointermove', event => { if (drawing) go(spot(event)); });
    for (const name of ['pointerup', 'pointercancel']) canvas.addEventListener(name, () => { drawing = false; });
    for (const name of ['focus', 'blur']) canvas.addEventListener(name, paint);
    canvas.addEventListener('keydown', event => {
      const way = {ArrowLeft: [-8, 0], ArrowRight: [8, 0], ArrowUp: [0, -8], ArrowDown: [0, 8]}[event.key];
      if (event.key === ' ') {
        event.preventDefault();
        down = !down && !full();
        if (down) lines.push([...at]);
        said.textContent = down ? 'The pen is down.' : 'The pen is up.';
      } else if (way) {
        event.preventDefault();
        at = at.map((v, k) => Math.max(0, Math.min(255, v + way[k])));
        if (down) go(at);
      }
      paint();
    });
    paint();
    return {lines, clear() { lines.length = 0; down = false; paint(); }};
  };
})(window.genlens);
