// A turn of a game line by line: its code, what the line made, and a slider that goes through it. Lines after the one that is
// pointed at are faint; at the end of the slider all of them are shown alike.
(function (g) {
  g.lines = function (element, props, watch) {
    const head = element.querySelector('.lines-head'), list = element.querySelector('.lines-list'), scrub = element.querySelector('.fig-scrub');
    const range = scrub.querySelector('input'), out = scrub.querySelector('output');
    let last = null, here = 0;   // 0: all lines

    function read(data) {
      element.querySelector('.fig').hidden = !data;
      if (!data) { last = null; here = 0; list.replaceChildren(); return; }
      if (last && last.lines.length !== data.lines.length) here = 0;
      last = data;
      scrub.hidden = false;
      range.max = data.lines.length + 1;
      if (!here) range.value = range.max;
      head.replaceChildren(g.make('h3', {class: 'tiles-title'}, data.title), g.make('p', {class: 'tiles-note'}, data.note));
      list.setAttribute('aria-label', data.label);
      let phase = '';
      list.replaceChildren(...data.lines.flatMap((line, k) => {
        const row = g.make('li', {class: `lines-row lines-${line.who}${line.wrong ? ' lines-wrong' : ''}`},
          g.make('code', {}, line.code), g.make('p', {}, line.said));
        if (line.tiles) {
          const image = g.make('img', {class: 'tiles-ink', alt: ''});
          image.src = `data:image/png;base64,${line.tiles}`;
          row.append(image);
        }
        row.dataset.line = k + 1;
        const first = line.who !== phase;
        phase = line.who;
        return first ? [g.make('li', {class: `lines-phase lines-${line.who}`}, data.phases[line.who]), row] : [row];
      }));
      tell();
    }

    function tell() {
      for (const row of list.querySelectorAll('.lines-row')) {
        const k = Number(row.dataset.line);
        row.classList.toggle('lines-later', here > 0 && k > here);
        if (here === k) row.setAttribute('aria-current', 'step'); else row.removeAttribute('aria-current');
      }
      out.textContent = here ? `${last.line} ${here} / ${last.lines.length}` : last.all;
      range.setAttribute('aria-valuetext', here ? `${out.textContent}: ${last.lines[here - 1].code}. ${last.lines[here - 1].said}` : last.all);
    }

    range.addEventListener('input', () => { here = Number(range.value) > last.lines.length ? 0 : Number(range.value); tell(); });
    g.figure(element, props, watch, {read, paint() {}});
  };
})(window.genlens);
