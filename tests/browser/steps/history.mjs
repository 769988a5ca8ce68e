// The history, time travel, and the list of people.

import assert from 'node:assert/strict';
import { card, live, person } from '../people.mjs';
import { accessible, picture, until } from '../stage.mjs';
import { cards, dialog, menu, panel } from '../parts.mjs';

export const past = [
  {
    name: 'the history tells who did what, and can be narrowed',
    run: async (stage) => {
      const { browser } = stage;
      const b = stage.b = await person(browser, 'Kenji', { room: stage.room });
      await live(b);
      await b.locator('.bar > [data-act=history]').click();
      const list = b.locator('.history-list');
      await until('Mei’s lines', () => list.innerText(), (text) => /Mei Lin saved the template Spring week/.test(text) && /Mei Lin applied Spring week/.test(text));
      await accessible(b, 'the history');
      await picture(b, 'history');
      await card(b, 'Mat Pilates', 1).focus();
      await b.keyboard.press('Alt+ArrowDown');
      await until('Kenji’s own line', () => list.innerText(), (text) => /You moved Mat Pilates/.test(text));
      const all = await list.locator('li').count();
      await b.getByLabel('Person').selectOption({ label: 'You' });
      await until('only Kenji’s', () => list.locator('li').count(), (count) => count === 1 && count < all);
      await b.getByLabel('Person').selectOption({ label: 'everybody' });
      await list.getByRole('button', { name: 'Undo this' }).first().click();
      await until('it is undone', () => card(b, 'Mat Pilates', 1).getAttribute('aria-label'), (text) => /09:00–09:50/.test(text ?? ''));
    },
  },
  {
    name: 'the slider shows the timetable of another time, and an owner restores it',
    run: async ({ a, b }) => {
      await card(a, 'Vinyasa Flow', 0).focus();
      await a.keyboard.press('Delete');
      await until('it is gone', () => card(b, 'Vinyasa Flow', 0).count(), (count) => count === 0);
      await menu(a, 'Travel in time');
      const slider = a.getByRole('slider', { name: 'Step of the timetable' });
      await slider.waitFor();
      await a.getByRole('button', { name: 'One step back' }).click();
      await until('it is there in the past', () => card(a, 'Vinyasa Flow', 0).count(), (count) => count === 1);
      assert.equal(await a.locator('#new-class').isVisible(), false);
      await accessible(a, 'time travel');
      await picture(a, 'time-travel');
      await slider.fill('0');
      await until('it began empty', () => cards(a).count(), (count) => count === 0);
      await a.getByRole('button', { name: 'Play' }).click();
      await until('it plays on', () => cards(a).count(), (count) => count > 10);
      await until('to the end', () => a.getByRole('button', { name: 'One step on' }).isDisabled(), (seen) => seen === true);
      await a.getByRole('button', { name: 'One step back' }).click();
      await until('one before the last', () => card(a, 'Vinyasa Flow', 0).count(), (count) => count === 1);
      await a.getByRole('button', { name: 'Restore this' }).click();
      await dialog(a).getByRole('button', { name: 'Restore this' }).click();
      await until('it is back for both', () => card(b, 'Vinyasa Flow', 0).count(), (count) => count === 1);
      await until('now is shown again', () => slider.count(), (count) => count === 0);
    },
  },
  {
    name: 'people are listed with what they look at',
    run: async ({ a, b }) => {
      await b.locator('body').press('Escape');
      await card(b, 'Mat Pilates', 1).click();
      await a.locator('#avatars').click();
      await panel(a).getByText('2 people here').waitFor();
      await panel(a).getByText('looks at Mat Pilates').waitFor();
      await accessible(a, 'the people');
      await picture(a, 'people');
      await a.locator('body').press('Escape');
    },
  },
];
