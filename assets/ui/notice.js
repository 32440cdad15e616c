element.setAttribute('role', 'alert');
