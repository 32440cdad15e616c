element.setAttribute('aria-live', 'polite');
element.setAttribute('role', 'region');
element.setAttribute('aria-label', 'In words, and what it cost');
function hush() { element.setAttribute('aria-busy', props.value.busy); }
hush();
watch('value', hush);
