// A screen reader hears how a run begins and ends, not each of its ten lines a second.
element.setAttribute('role', 'status');
let busy = false;
function tell() {
  const value = props.value;
  element.setAttribute('aria-busy', value.busy && value.kind === 'live');
  const box = element.getBoundingClientRect();
  if (value.busy && !busy && (box.top < 0 || box.bottom > innerHeight)) {  // on a phone the picture is below the controls
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    element.scrollIntoView({block: 'start', behavior: calm ? 'auto' : 'smooth'});
  }
  busy = value.busy;
}
tell();
watch('value', tell);
