// Bars from low to high with their centre, on one logarithmic axis: a tornado, two ways of counting, or many regions.
(function (g) {
  const ROW = 40, BAR = 16, AXIS = 40, PAD = 12;

  g.ranges = function (element, props, watch) {
    const stage = element.querySelector('.fig-stage'), card = element.querySelector('.src-card');
    const head = element.querySelector('.fig-title'), note = element.querySelector('.fig-read');
    let shown = '';
    g.rove(stage, 'g.bar');

    function read(data) {
      element.querySelector('.fig').hidden = !data;
      head.textContent = data ? data.title : '';
      note.replaceChildren(...[data && data.note || ''].flat().map((part, n) => typeof part === 'string' ? part : number(part, `note-${n}`, data)));
      const open = data && [...data.rows, ...marks(data)].find(one => one.id === shown);
      if (!open) shown = '';
      g.card(card, open ? open.record : null, data ? data.sources : []);
    }

    function marks(data) { return [data.note || ''].flat().map((part, n) => ({id: `note-${n}`, record: part.record})).filter(part => part.record); }

    function number(part, id, data) {  // a number in the note below opens its sources in the same card
      const button = g.make('button', {type: 'button', class: 'gl-number', 'data-id': id, 'aria-expanded': String(shown === id),
                                       title: 'Where this number comes from'}, part.text);
      button.addEventListener('click', () => tell({id, record: part.record}, data));
      return button;
    }

    function tell(row, data) {
      shown = shown === row.id ? '' : row.id;
      g.card(card, shown ? row.record : null, data.sources);
      for (const one of element.querySelectorAll('[data-id]')) one.setAttribute('aria-expanded', one.dataset.id === shown);
    }

    function paint(data) {
      const c = g.colours(element), width = stage.clientWidth, wide = width >= 620, left = wide ? 218 : 8, right = width - (wide ? 176 : 8);
      const axis = g.logAxis(data.low, data.high, left + PAD, right - PAD), step = wide ? ROW : ROW + 20;
      const bottom = data.rows.length * step + 6, height = bottom + AXIS;
      const svg = g.svg('svg', {width, height, viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': data.label});
      for (const v of axis.marks) {
        const x = axis.x(v);
        svg.append(g.svg('line', {x1: x, x2: x, y1: 0, y2: bottom, stroke: c.rule}),
                   g.svg('text', {x, y: bottom + 16, 'text-anchor': 'middle', class: 'fig-tick'}, g.plain(v)));
      }
      svg.append(g.svg('text', {x: (left + right) / 2, y: bottom + 34, 'text-anchor': 'middle', class: 'fig-tick'}, `${data.unit}, log scale`));
      if (data.base) svg.append(g.svg('line', {x1: axis.x(data.base), x2: axis.x(data.base), y1: 0, y2: bottom, class: 'fig-centre'}));
      data.rows.forEach((row, k) => svg.append(bar(data, row, axis, k * step, wide, left, right, step)));
      const had = stage.contains(document.activeElement);
      stage.replaceChildren(svg);
      const first = stage.querySelector(shown ? `g.bar[data-id="${CSS.escape(shown)}"]` : 'g.bar');
      if (first) { first.setAttribute('tabindex', 0); if (had) first.focus(); }
    }

    function bar(data, row, axis, top, wide, left, right, step) {
      const y = top + (wide ? ROW / 2 : 20 + ROW / 2), x1 = axis.x(row.low), x2 = axis.x(row.high), x = axis.x(row.central);
      const one = g.svg('g', {class: `bar bar-${row.colour || 0}`, role: 'button', tabindex: -1, 'data-id': row.id,
                              'aria-expanded': String(shown === row.id), 'aria-label': `${row.name}: ${row.text}`},
        g.svg('rect', {x: 0, y: top + 2, width: right + (wide ? 172 : 4), height: step - 4, class: 'bar-room', rx: 6}),
        g.svg('rect', {x: x1, y: y - BAR / 2, width: Math.max(2, x2 - x1), height: BAR, class: 'bar-body', rx: 3}),
        g.svg('line', {x1: x, x2: x, y1: y - BAR / 2 - 4, y2: y + BAR / 2 + 4, class: 'bar-centre'}),
        g.svg('text', {x: 4, y: wide ? y + 5 : top + 18, class: 'fig-lane'}, row.name),
        g.svg('text', {x: right + (wide ? 168 : 0), y: wide ? y + 5 : top + 18, 'text-anchor': 'end', class: 'bar-text'}, row.text));
      one.addEventListener('click', () => tell(row, data));
      one.addEventListener('keydown', event => {
        if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); tell(row, data); }
      });
      return one;
    }

    g.figure(element, props, watch, {read, paint});
  };
})(window.genlens);
