// The board: intent across, impact up, dots on it. Drawn as SVG from plain data; every text is set as text.
// genlens.board(root, {place}) -> {set(state)}; place(intent, impact) is called where somebody clicks or taps.
// state: {mine, first, dots: [[x, y, camp]], arrows: [[x, y, x, y]], middle, authors: {at, width}, label}; all optional.
window.genlens = window.genlens || {};
(function (g) {
  const NS = 'http://www.w3.org/2000/svg', SIDE = 400, LEFT = 34, TOP = 10, SIZE = SIDE + LEFT + TOP;
  const x = v => LEFT + (v + 1) / 2 * SIDE, y = v => TOP + (1 - v) / 2 * SIDE;
  const clamp = v => Math.max(-1, Math.min(1, Math.round(v * 100) / 100));

  function add(parent, tag, attributes, text) {
    const node = parent.appendChild(document.createElementNS(NS, tag));
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function mark(parent, cx, cy, camp, r) {  // camps differ in shape as well as in colour
    const kind = camp < 0 ? 'alone' : 'camp-' + (camp % 4 + 1), c = {class: 'board-dot board-' + kind};
    if (camp < 0 || camp % 4 === 0) add(parent, 'circle', {...c, cx, cy, r});
    else if (camp % 4 === 1) add(parent, 'rect', {...c, x: cx - r * .9, y: cy - r * .9, width: r * 1.8, height: r * 1.8});
    else if (camp % 4 === 2) add(parent, 'path', {...c, d: `M${cx} ${cy - r * 1.3}L${cx + r * 1.3} ${cy}L${cx} ${cy + r * 1.3}L${cx - r * 1.3} ${cy}Z`});
    else add(parent, 'path', {...c, d: `M${cx} ${cy - r * 1.2}L${cx + r * 1.15} ${cy + r * .9}L${cx - r * 1.15} ${cy + r * .9}Z`});
  }

  function hull(points) {  // the outline of a camp (Andrew's monotone chain)
    const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const half = list => list.reduce((kept, p) => {
      while (kept.length > 1 && (kept.at(-1)[0] - kept.at(-2)[0]) * (p[1] - kept.at(-2)[1])
             <= (kept.at(-1)[1] - kept.at(-2)[1]) * (p[0] - kept.at(-2)[0])) kept.pop();
      kept.push(p);
      return kept;
    }, []).slice(0, -1);
    return sorted.length < 3 ? sorted : [...half(sorted), ...half(sorted.reverse())];
  }

  function arrow(parent, [x1, y1, x2, y2]) {
    const a = x(x1), b = y(y1), c = x(x2), d = y(y2), length = Math.hypot(c - a, d - b);
    if (length < 5) return;
    const ux = (c - a) / length, uy = (d - b) / length, tipx = c - ux * 6, tipy = d - uy * 6;
    add(parent, 'path', {class: 'board-arrow', d: `M${a} ${b}L${tipx} ${tipy}M${tipx - ux * 7 - uy * 4} ${tipy - uy * 7 + ux * 4}` +
      `L${tipx} ${tipy}L${tipx - ux * 7 + uy * 4} ${tipy - uy * 7 - ux * 4}`});
  }

  g.board = function (root, {place} = {}) {
    const svg = add(root, 'svg', {viewBox: `0 0 ${SIZE} ${SIZE}`, role: 'img', class: 'board' + (place ? ' board-open' : '')});
    let state = {};
    function frame() {
      add(svg, 'rect', {class: 'board-sheet', x: LEFT, y: TOP, width: SIDE, height: SIDE, rx: 8});
      for (const [cx, cy, name] of [[.5, 1, 'Good as meant'], [.5, -1, 'Meant well, went badly'], [-.5, -1, 'Harm as meant'],
                                    [-.5, 1, 'Bad or sly, yet useful']])
        add(svg, 'text', {class: 'board-corner', x: x(cx), y: cy > 0 ? y(cy) + 20 : y(cy) - 10}, name);
      add(svg, 'path', {class: 'board-axis', d: `M${x(-1)} ${y(0)}H${x(1)}M${x(0)} ${y(-1)}V${y(1)}`});
      const ends = [[x(-1), SIZE - 14, 'start', 'malicious'], [x(1), SIZE - 14, 'end', 'innocent']];
      for (const [tx, ty, anchor, text] of ends) add(svg, 'text', {class: 'board-end', x: tx, y: ty, 'text-anchor': anchor}, text);
      add(svg, 'text', {class: 'board-name', x: x(0), y: SIZE - 14}, 'intent');
      for (const [v, anchor, text, kind] of [[-1, 'start', 'harmful', 'end'], [1, 'end', 'helpful', 'end'], [0, 'middle', 'impact', 'name']])
        add(svg, 'text', {class: 'board-' + kind, transform: `translate(20 ${y(v)}) rotate(-90)`, 'text-anchor': anchor}, text);
    }
    const clip = `board-${Math.random().toString(36).slice(2)}`;
    function draw() {
      svg.replaceChildren();
      add(add(svg, 'clipPath', {id: clip}), 'rect', {x: LEFT, y: TOP, width: SIDE, height: SIDE, rx: 8});
      svg.setAttribute('aria-label', state.label || 'The board: intent from malicious to innocent, impact from harmful to helpful');
      frame();
      const dots = state.dots || [], r = dots.length > 120 ? 4 : 5.5;
      if (state.middle) {
        const {intent: [a, b], impact: [c, d]} = state.middle;
        add(svg, 'rect', {class: 'board-middle', x: x(a), y: y(-1) - 5, width: Math.max(3, x(b) - x(a)), height: 5});
        add(svg, 'rect', {class: 'board-middle', x: LEFT, y: y(d), width: 5, height: Math.max(3, y(c) - y(d))});
      }
      for (let camp = 0; camp < 4; camp++) {
        const inside = dots.filter(dot => dot[2] === camp).map(([u, v]) => [x(u), y(v)]);
        if (inside.length) add(svg, 'path', {class: 'board-camp board-camp-' + (camp + 1),
                                             d: 'M' + hull(inside).map(p => p.join(' ')).join('L') + 'Z'});
      }
      for (const each of state.arrows || []) arrow(svg, each);
      for (const [u, v, camp] of dots) mark(svg, x(u), y(v), camp, r);
      if (state.authors) {
        const {at: [u, v], width: [w, h]} = state.authors;
        add(svg, 'ellipse', {class: 'board-authors', 'clip-path': `url(#${clip})`, cx: x(u), cy: y(v), rx: Math.max(9, w * SIDE / 2), ry: Math.max(9, h * SIDE / 2)});
        add(svg, 'path', {class: 'board-cross', d: `M${x(u) - 6} ${y(v)}h12M${x(u)} ${y(v) - 6}v12`});
      }
      if (state.first) add(svg, 'circle', {class: 'board-first', cx: x(state.first[0]), cy: y(state.first[1]), r: 9});
      if (state.first && state.mine) arrow(svg, [...state.first, ...state.mine]);
      if (state.mine) {
        add(svg, 'circle', {class: 'board-halo', cx: x(state.mine[0]), cy: y(state.mine[1]), r: 13});
        add(svg, 'circle', {class: 'board-mine', cx: x(state.mine[0]), cy: y(state.mine[1]), r: 9});
      }
    }
    if (place) svg.addEventListener('click', event => {
      const box = svg.getBoundingClientRect(), scale = SIZE / box.width;
      place(clamp(((event.clientX - box.left) * scale - LEFT) / SIDE * 2 - 1), clamp(1 - ((event.clientY - box.top) * scale - TOP) / SIDE * 2));
    });
    draw();
    return {set(next) { state = next || {}; draw(); }};
  };

  // Two sliders that say in words where the dot is: the board without a mouse.
  g.where = function (value, low, high) {
    if (Math.abs(value) < .15) return `between ${low} and ${high}`;
    return `${Math.abs(value) >= .6 ? 'clearly' : 'rather'} ${value > 0 ? high : low}`;
  };
})(window.genlens);
