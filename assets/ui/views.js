genlens.views(element, props.value.form, 'view');
