// A screen reader hears how a run begins and ends, not each of its ten lines a second.
element.setAttribute('role', 'status');
function hush() { element.setAttribute('aria-busy', props.value.busy && props.value.kind === 'live'); }
hush();
watch('value', hush);
