// A map of settings as a grid of buttons: each cell is one run's result, with its pictures where it has some, and a press runs that setting.
(function (g) {
  g.phase = function (element, props, watch, pick) {
    const grid = element.querySelector('.phase-grid'), title = element.querySelector('.phase-title'), said = element.querySelector('.fig-read');

    function made(tag, text, role) {
      const one = document.createElement(tag);
      one.textContent = text;
      if (role) one.setAttribute('role', role);
      return one;
    }

    function read(data) {
      title.hidden = grid.hidden = !data || !data.rows.length;  // a model without a map says why
      said.textContent = data ? data.hint : '';
      if (grid.hidden) { grid.replaceChildren(); return; }
      const old = grid.contains(document.activeElement) ? document.activeElement.dataset.at : '';
      title.textContent = data.title;
      const table = made('div', '', 'grid');
      table.setAttribute('aria-label', data.label);
      table.style.setProperty('--phase-columns', data.columns.length);
      const head = made('div', '', 'row');
      head.append(made('span', data.corner, 'columnheader'), ...data.columns.map(name => made('span', name, 'columnheader')));
      table.append(head);
      data.rows.forEach((name, i) => {
        const row = made('div', '', 'row');
        row.append(made('span', name, 'rowheader'), ...data.columns.map((_, j) => cell(data, i, j)));
        table.append(row);
      });
      grid.replaceChildren(table);
      const here = table.querySelector(`[data-at="${old}"]`) || table.querySelector('.phase-here') || table.querySelector('[data-at]');
      if (here) { here.tabIndex = 0; if (old) here.focus(); }
    }

    function cell(data, i, j) {
      const found = data.cells[i * data.columns.length + j], room = made('span', '', 'gridcell');
      const button = made('button', found ? found.text : '\u2026');
      button.type = 'button';
      button.tabIndex = -1;
      button.dataset.at = `${i},${j}`;
      button.className = 'phase-cell';
      button.classList.toggle('phase-here', data.here === button.dataset.at);
      button.setAttribute('aria-label', `${data.rows[i]}, ${data.columns[j]}: ${found ? found.about : 'not run yet'}`);
      if (found && found.tiles) {  // one row of pictures, its halves one below the other
        button.classList.add('phase-tiles');
        button.replaceChildren(...['left', 'right'].map(half => {
          const image = made('img', '');
          image.src = `data:image/png;base64,${found.tiles}`;
          image.alt = '';
          image.style.objectPosition = half;
          return image;
        }), made('span', found.text));
      }
      if (found) {
        button.style.setProperty('--phase-level', found.level);
        button.title = found.about;
        button.addEventListener('click', () => pick(found.settings));
      } else button.setAttribute('aria-disabled', 'true');
      button.addEventListener('keydown', event => move(event, i, j));
      button.addEventListener('focus', () => { said.textContent = button.getAttribute('aria-label'); });
      button.addEventListener('pointerenter', () => { said.textContent = button.getAttribute('aria-label'); });
      room.append(button);
      return room;
    }

    function move(event, i, j) {
      const [di, dj] = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key] || [0, 0];
      const next = (di || dj) && grid.querySelector(`[data-at="${i + di},${j + dj}"]`);
      if (!next) return;
      event.preventDefault();
      event.target.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }

    grid.addEventListener('pointerleave', () => { if (props.value) said.textContent = JSON.parse(props.value).hint; });
    g.figure(element, props, watch, {read, paint() {}});
  };
})(window.genlens);
