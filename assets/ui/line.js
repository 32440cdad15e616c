// A screen reader hears how a run begins and ends, not each of its ten lines a second.
element.setAttribute('role', 'status');
let busy = false, badge = '';
function tell() {
  const value = props.value, chip = element.querySelector('.gl-badge');
  badge = value.badge || badge;  // a run that waits or is refused leaves the picture, and what it is, as they were
  chip.textContent = chip.dataset.badge = badge;
  chip.hidden = !badge;
  element.setAttribute('aria-busy', value.busy && value.kind !== 'wait');
  const box = element.getBoundingClientRect();
  if (value.busy && !busy && (box.top < 0 || box.bottom > innerHeight)) {  // on a phone the picture is below the controls
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    element.scrollIntoView({block: 'start', behavior: calm ? 'auto' : 'smooth'});
  }
  busy = value.busy;
  const go = document.getElementById(element.closest('[id$="-line"]')?.id.replace(/-line$/, '-run'));
  if (go) {  // a second press does nothing until then: it must not look as if it would
    go.classList.toggle('gl-under-way', Boolean(busy));
    go.title = busy ? 'This run is under way. Stop it first to start another.' : '';
  }
}
tell();
watch('value', tell);
