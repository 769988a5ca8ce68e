// The smallest useful helpers for building elements. Text is always text, never markup.

/** Makes an element: properties by name, `class`, `data-*`, `aria-*` and `on*` understood. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name.startsWith('--')) element.style.setProperty(name, value);
    else if (name in element && !name.includes('-') && name !== 'list') element[name] = value;
    else element.setAttribute(name === 'className' ? 'class' : name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

/** Says something to screen readers. */
export function announce(text) {
  byId('announcer').textContent = text;
}

/** Runs `draw` at most once a frame, however often it is asked for. */
export function oncePerFrame(draw) {
  let planned = 0;
  return () => {
    if (planned) return;
    planned = requestAnimationFrame(() => {
      planned = 0;
      draw();
    });
  };
}
