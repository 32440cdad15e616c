// Published figures on a logarithmic axis: each a dot that is a link to its source; our own answer and its range above.
(function (g) {
  const R = 6.5, TOUCH = 12, TOP = 58, AXIS = 42, PAD = 12;

  g.dots = function (element, props, watch) {
    const stage = element.querySelector('.fig-stage'), card = element.querySelector('.src-card');
    const head = element.querySelector('.fig-title'), key = element.querySelector('.fig-key');
    let shown = null;
    g.rove(stage, 'a.dot');

    function read(data) {
      shown = null;
      element.querySelector('.fig').hidden = !data;
      head.textContent = data ? data.title : '';
      key.hidden = !data;
      if (data) { const first = data.dots.find(d => d.star); tell(first || null, data); }
      else { stage.replaceChildren(); g.card(card, null); }
    }

    function tell(dot, data) {
      shown = dot;
      g.card(card, dot ? {title: dot.name, value: dot.text, about: dot.about, sources: [0]} : {title: data.hint}, dot ? [dot.source] : []);
      for (const one of stage.querySelectorAll('a.dot')) one.classList.toggle('here', Boolean(dot) && one.dataset.id === dot.id);
    }

    // y offsets so that no two dots of a lane lie on each other; in order of x, nearest to the middle first.
    function swarm(places) {
      const put = [];
      for (const x of places) {
        const near = put.filter(p => Math.abs(p.x - x) < 2 * R + 1);
        let y = 0;
        for (let k = 0; near.some(p => (p.x - x) ** 2 + (p.y - y) ** 2 < (2 * R + 1) ** 2); k++)
          y = (k % 2 ? -1 : 1) * Math.ceil((k + 1) / 2) * 4;
        put.push({x, y});
      }
      return put.map(p => p.y);
    }

    function paint(data) {
      const c = g.colours(element), width = stage.clientWidth, wide = width >= 620, left = wide ? 150 : 10, right = width - 14;
      const axis = g.logAxis(data.low, data.high, left + PAD, right - PAD);
      let y = TOP;
      const lanes = data.lanes.map((lane, number) => {
        const dots = data.dots.filter(d => d.lane === number).sort((p, q) => p.x - q.x);
        const ys = swarm(dots.map(d => axis.x(d.x))), up = Math.max(0, ...ys.map(v => -v)), down = Math.max(0, ...ys);
        const mid = y + (wide ? 0 : 20) + R + 7 + up, box = {lane, dots, ys, mid, top: y, bottom: mid + down + R + 7};
        y = Math.max(box.bottom, y + (wide && lane.note ? 40 : 24));
        box.bottom = y;
        return box;
      });
      const height = y + AXIS, svg = g.svg('svg', {width, height, viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': data.label});
      drawBand(svg, c, data, axis, y);
      for (const v of axis.marks) {
        const x = axis.x(v);
        svg.append(g.svg('line', {x1: x, x2: x, y1: TOP, y2: y, stroke: c.rule}),
                   g.svg('text', {x, y: y + 17, 'text-anchor': 'middle', class: 'fig-tick'}, g.plain(v)));
      }
      svg.append(g.svg('text', {x: (left + right) / 2, y: y + 35, 'text-anchor': 'middle', class: 'fig-tick'}, `${data.unit}, log scale`));
      for (const box of lanes) drawLane(svg, c, data, axis, box, wide, left, right, width);
      drawAnswer(svg, c, data, axis, right);
      const at = stage.contains(document.activeElement) && shown ? shown.id : null;
      stage.replaceChildren(svg);
      const first = stage.querySelector('a.dot.here') || stage.querySelector('a.dot');
      if (first) first.setAttribute('tabindex', 0);
      if (at) stage.querySelector(`a.dot[data-id="${CSS.escape(at)}"]`)?.focus();
    }

    function drawBand(svg, c, data, axis, bottom) {
      const {low, central, high} = data.answer, x = axis.x(low), w = Math.max(1, axis.x(high) - x);
      svg.append(g.svg('rect', {x, y: TOP - 8, width: w, height: bottom - TOP + 8, class: 'fig-band'}),
                 g.svg('line', {x1: axis.x(central), x2: axis.x(central), y1: TOP - 8, y2: bottom, class: 'fig-centre'}));
    }

    function drawAnswer(svg, c, data, axis, right) {
      const {low, central, high, text, record, sources} = data.answer, y = 36, x = axis.x(central), end = axis.x(high);
      svg.append(g.svg('line', {x1: axis.x(low), x2: end, y1: y, y2: y, class: 'fig-whisker'}));
      for (const v of [low, high]) svg.append(g.svg('line', {x1: axis.x(v), x2: axis.x(v), y1: y - 6, y2: y + 6, class: 'fig-whisker'}));
      svg.append(g.svg('path', {d: `M${x} ${y - 9}L${x + 9} ${y}L${x} ${y + 9}L${x - 9} ${y}Z`, class: 'fig-diamond'}));
      const label = g.svg('text', {y: 16, class: 'fig-said', role: 'button', tabindex: 0}, text);
      const open = () => { shown = null; g.card(card, record, sources); for (const one of stage.querySelectorAll('a.here')) one.classList.remove('here'); };
      label.addEventListener('click', open);
      label.addEventListener('keydown', event => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); open(); } });
      svg.append(label);
      label.setAttribute('x', Math.max(4, Math.min(x, right - 8 * text.length * 0.52) - text.length * 3.4));
    }

    function drawLane(svg, c, data, axis, box, wide, left, right, width) {
      svg.append(g.svg('line', {x1: wide ? 0 : left, x2: right, y1: box.bottom, y2: box.bottom, stroke: c.rule}));
      svg.append(g.svg('text', {x: wide ? 0 : left, y: wide ? box.top + 20 : box.top + 16, class: 'fig-lane'}, box.lane.name));
      if (wide && box.lane.note) svg.append(g.svg('text', {x: 0, y: box.top + 35, class: 'fig-tick'}, box.lane.note));
      box.dots.forEach((dot, k) => {
        const x = axis.x(dot.x), y = box.mid + box.ys[k];
        const link = g.svg('a', {class: `dot dot-${dot.look}${dot.star ? ' star' : ''}${shown && shown.id === dot.id ? ' here' : ''}`,
                                 href: g.safe(dot.source.url), target: '_blank', rel: 'noopener noreferrer', tabindex: -1,
                                 'data-id': dot.id, 'aria-label': `${dot.name}: ${dot.text}. ${dot.source.title} (${dot.source.year})`},
                           g.svg('circle', {cx: x, cy: y, r: TOUCH, fill: 'transparent'}), mark(dot.look, x, y));
        if (!g.safe(dot.source.url)) link.setAttribute('role', 'img');
        link.addEventListener('pointerenter', () => tell(dot, data));
        link.addEventListener('focus', () => tell(dot, data));
        svg.append(link);
        if (dot.star) svg.append(g.svg('circle', {cx: x, cy: y, r: R + 4.5, class: 'fig-star'}),
                                 g.svg('text', {x: x > width * 0.55 ? x - R - 8 : x + R + 8, y: y - R - 4, class: 'fig-lane', 'text-anchor': x > width * 0.55 ? 'end' : 'start'}, dot.star));
      });
    }

    function mark(look, x, y) {
      if (look === 'derived') return g.svg('rect', {x: x - R + 1, y: y - R + 1, width: 2 * R - 2, height: 2 * R - 2, class: 'shape'});
      return g.svg('circle', {cx: x, cy: y, r: look === 'second' ? R - 1 : R, class: 'shape'});
    }

    g.figure(element, props, watch, {read, paint});
  };
})(window.genlens);
