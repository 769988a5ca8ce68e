// Templates: made from a week, edited, previewed, applied, undone, and what is left out.

import assert from 'node:assert/strict';
import { demoStudio } from '../people.mjs';
import { accessible, picture, until } from '../stage.mjs';
import { cards, dialog, menu, panel, titles } from '../parts.mjs';

export const templates = [
  {
    name: 'a week becomes a template',
    run: async (stage) => {
      const { a } = stage;
      stage.room = await demoStudio(a);
      stage.classes = await cards(a).count();
      await menu(a, 'Templates…');
      await panel(a).getByText('There is no template yet').waitFor();
      await panel(a).getByRole('button', { name: 'From the week shown' }).click();
      await until('a row for each class', () => dialog(a).locator('.slot').count(), (count) => count === stage.classes);
      await dialog(a).getByLabel('Name').fill('Spring week');
      await accessible(a, 'the template’s dialog');
      await picture(a, 'template-edit');
      await dialog(a).getByRole('button', { name: 'Save' }).click();
      await panel(a).getByRole('heading', { name: 'Spring week' }).waitFor();
      await accessible(a, 'the list of templates');
    },
  },
  {
    name: 'a template can be edited',
    run: async ({ a, classes }) => {
      await panel(a).getByRole('button', { name: 'Edit Spring week' }).click();
      await dialog(a).getByRole('button', { name: 'Add a class' }).click();
      const row = dialog(a).locator('.slot').last();
      await row.getByLabel('Title').fill('Late Stretch');
      await row.getByLabel('Start').fill('21:00');
      await row.getByLabel('Minutes').fill('30');
      await row.getByLabel('Day').selectOption({ label: 'Wednesday' });
      await dialog(a).getByRole('button', { name: 'Save' }).click();
      await panel(a).getByText(`${classes + 1} classes a week`).waitFor();
    },
  },
  {
    name: 'its application is previewed, made, and undone',
    run: async ({ a, classes }) => {
      await panel(a).getByRole('button', { name: 'Apply…' }).click();
      await dialog(a).getByText(`${classes + 1} classes would be made`).waitFor();
      await dialog(a).getByText('The service would accept this').waitFor();
      await accessible(a, 'the preview of a template');
      await picture(a, 'template-preview');
      await dialog(a).getByRole('button', { name: `Add ${classes + 1} classes` }).click();
      await a.locator('.toast', { hasText: `${classes + 1} classes were added` }).waitFor();
      await until('the next week is shown with them', () => titles(a), (seen) => seen.length === classes + 1 && seen.includes('Late Stretch'));
      await a.locator('.toast', { hasText: 'were added' }).getByRole('button', { name: 'Undo' }).click();
      await until('they are gone', () => cards(a).count(), (count) => count === 0);
    },
  },
  {
    name: 'what is in the way is left out, and told',
    run: async ({ a, classes }) => {
      await a.locator('.bar [data-act=previous]').click();
      await until('this week is shown', () => cards(a).count(), (count) => count === classes);
      await panel(a).getByRole('button', { name: 'Apply…' }).click();
      const monday = /(\d{4}-\d\d-\d\d)$/.exec(a.url())[1];
      await dialog(a).getByLabel('From').fill(monday);
      await dialog(a).getByText(/are in the way/).waitFor();
      await picture(a, 'template-conflicts');
      await dialog(a).getByLabel('Where something is in the way').selectOption('fail');
      await until('the service says no', () => dialog(a).locator('.warned').first().innerText(), (text) => text.length > 0);
      await until('nothing can be applied', () => dialog(a).locator('button.primary').isDisabled(), (seen) => seen === true);
      await dialog(a).getByLabel('Where something is in the way').selectOption('skip');
      const run = dialog(a).locator('button.primary');
      await until('it can be applied', () => run.isEnabled(), (seen) => seen === true);
      await run.click();
      await dialog(a).locator('.preview.skipped li').first().waitFor();
      assert.match(await dialog(a).locator('.preview.skipped').innerText(), /Sunrise Yoga/);
      await accessible(a, 'the list of what was left out');
      await picture(a, 'template-skipped');
      await dialog(a).getByRole('button', { name: 'Close' }).first().click();
      await a.locator('#board').press('Escape');
    },
  },
];
