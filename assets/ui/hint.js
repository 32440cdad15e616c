element.setAttribute('aria-live', 'polite');
