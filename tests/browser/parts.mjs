// The parts of the board that panels' steps work with.

/** The classes in the week. */
export const cards = (page) => page.locator('.card[data-course]');

/** Their titles. */
export const titles = (page) => cards(page).locator('.card-title').allInnerTexts();

/** Chooses from the menu behind the dots. */
export const menu = async (page, name) => {
  await page.locator('[popovertarget=menu]').click();
  await page.locator('#menu').getByRole('button', { name }).click();
};

/** The drawer beside the week. */
export const panel = (page) => page.locator('#panel');

/** The dialog on top. */
export const dialog = (page) => page.locator('dialog[open]').last();
