// The first screen: pick a demo person, or paste a token where there are none.

import { demoPeople } from './api.js';
import { personColor } from './app/color.js';
import { byId, h } from './app/dom.js';
import { avatar } from './people.js';
import { claimsOf, signIn } from './session.js';

const ROLES = {
  owner: 'Owner · may do everything', manager: 'Manager · edits timetables',
  trainer: 'Trainer · edits timetables', member: 'Member · looks only', service: 'Service',
};

/** Shows the screen; `done` gets the session. */
export async function showSignIn(done, problem = '') {
  const error = byId('signin-error');
  error.textContent = problem;
  byId('signin-people').replaceChildren();
  byId('signin-token').hidden = true;
  byId('signin-hint').textContent = '';
  try {
    const people = await demoPeople();
    if (people) offer(people, done);
    else ask(done);
  } catch {
    error.textContent = 'The service does not answer. Trying again…';
    setTimeout(() => document.body.dataset.screen === 'signin' && showSignIn(done, problem), 3000);
  }
}

function offer(people, done) {
  byId('signin-hint').textContent = 'Demo people of this development server. Open a second window to be somebody else.';
  byId('signin-people').replaceChildren(...people.map((person) => h('button', {
    class: 'person', type: 'button', 'data-person': person.name,
    onclick: () => done(signIn({ ...person, demo: true })),
  }, avatar({ ...person, color: person.color ?? personColor(claimsOf(person.token).sub ?? '') }, 'large'), h('span', {}, h('strong', {}, person.name),
    h('small', {}, ROLES[person.role] ?? person.role)))));
}

function ask(done) {
  const form = byId('signin-token');
  byId('signin-hint').textContent = 'Paste the access token that your administrator gave you.';
  form.hidden = false;
  form.onsubmit = (event) => {
    event.preventDefault();
    const token = byId('token-field').value.trim();
    if (!claimsOf(token).sub) {
      byId('signin-error').textContent = 'This does not look like an access token.';
      return;
    }
    byId('token-field').value = '';
    done(signIn({ token }));
  };
}
