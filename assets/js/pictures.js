// Pictures: one to four shown large, and a film strip of frames that can be scrubbed. Plain <img>, so that the browser
// scales them; each pixel of a small picture stays a crisp square.
(function (g) {
  function place(box, images, titles, smooth) {
    const wanted = images.map((source, k) => {
      const cell = box.children[k] || document.createElement('figure');
      const image = cell.querySelector('img') || cell.appendChild(document.createElement('img'));
      const title = cell.querySelector('figcaption') || cell.appendChild(document.createElement('figcaption'));
      image.alt = '';
      image.className = smooth ? '' : 'fig-crisp';
      if (image.src !== source) image.src = source;
      title.textContent = titles && titles[k] || '';
      title.hidden = !title.textContent;
      return cell;
    });
    box.replaceChildren(...wanted);
    box.dataset.many = images.length;
  }

  g.picture = function (element, props, watch) {
    const box = element.querySelector('.fig-pictures');
    function read(data) {
      place(box, data ? data.images : [], data && data.titles, data && data.smooth);
      g.say(box, data ? data.label : 'No picture yet');
    }
    g.figure(element, props, watch, {read, paint() {}});
  };

  g.strip = function (element, props, watch, pick) {
    const box = element.querySelector('.fig-pictures'), scrub = element.querySelector('.fig-scrub');
    const range = scrub.querySelector('input'), out = scrub.querySelector('output');
    const row = element.querySelector('.fig-thumbs');
    let last = null, follow = true;
    const moves = pick && document.createElement('div'), move = pick && document.createElement('button'), said = pick && document.createElement('span');
    const zoo = pick && document.createElement('div'), verdict = pick && document.createElement('p');
    if (pick) {  // a run that can be gone on from the frame shown, and others that are broken on purpose
      moves.className = 'game-row game-moves';
      move.type = 'button';
      move.className = 'game-button';
      said.className = 'game-name';
      moves.append(move, said);
      zoo.className = 'game-row game-zoo';
      verdict.className = 'game-verdict';
      verdict.setAttribute('role', 'status');
      row.after(moves, zoo, verdict);
      move.addEventListener('click', () => pick({...last.move.settings, earlier: last.frames[Number(range.value)].past}));
    }

    function read(data) {
      if (pick) { moves.hidden = !(data && data.move); offer(data && data.zoo); }
      if (!data || !last || data.run !== last.run) follow = true;
      // a running strip sends only what is new; a gap (an update that was never drawn) is filled by the whole strip at the end
      if (data && data.wide) box.dataset.wide = ''; else delete box.dataset.wide;
      const held = data && data.start && last && data.run === last.run ? last.frames.slice(0, data.start) : [];
      last = data && {...data, frames: held.concat(data.frames)};
      data = last;
      scrub.hidden = !data || data.frames.length < 2;
      if (!data || !data.frames.length) { row.replaceChildren(); place(box, []); g.say(box, 'No frames yet'); return; }
      range.max = data.frames.length - 1;
      if (follow || Number(range.value) > data.frames.length - 1) range.value = data.frames.length - 1;
      const thumbs = data.frames.map((frame, k) => {
        const thumb = row.children[k] || document.createElement('img');
        const source = frame.images[frame.images.length - 1];
        if (thumb.src !== source) thumb.src = source;
        thumb.alt = '';
        thumb.dataset.at = k;
        return thumb;
      });
      row.replaceChildren(...thumbs);
      tell();
    }

    function offer(given) {  // built once: the focus stays where it is while a run sends new frames
      zoo.hidden = !given;
      verdict.textContent = given && given.said || '';
      if (!given) return;
      if (!zoo.children.length) {
        const named = document.createElement('span');
        named.className = 'game-name';
        named.textContent = given.name;
        zoo.append(named, ...given.cases.map(one => {
          const button = document.createElement('button');
          button.type = 'button';
          button.className = 'game-button';
          button.textContent = one.title;
          button.addEventListener('click', () => pick(one.settings));
          return button;
        }));
      }
      given.cases.forEach((one, k) => zoo.children[k + 1].setAttribute('aria-pressed', String(one.name === given.here)));
    }

    function tell() {
      const at = Number(range.value), frame = last.frames[at];
      place(box, frame.images, last.titles, last.smooth);
      [...row.children].forEach((thumb, k) => thumb.classList.toggle('fig-here', k === at));
      const here = row.children[at];
      row.scrollLeft = here.offsetLeft - (row.clientWidth - here.clientWidth) / 2;
      out.textContent = frame.caption;
      range.setAttribute('aria-valuetext', frame.caption);
      g.say(box, `${last.label}. Frame ${at + 1} of ${last.frames.length}: ${frame.caption}`);
      if (pick && last.move) {
        move.textContent = last.move.name.replace('{turn}', g.count(frame.step));
        said.textContent = last.move.note;
      }
      if (last.group) g.point(last.group, follow ? null : frame.step ?? at);
    }

    range.addEventListener('input', () => { follow = Number(range.value) >= last.frames.length - 1; tell(); });
    row.addEventListener('click', event => {
      if (event.target.dataset.at === undefined) return;
      range.value = event.target.dataset.at;
      range.dispatchEvent(new Event('input'));
    });
    g.figure(element, props, watch, {read, paint() {}});
  };
})(window.genlens);
