// A cut cable, a reload and a restarted service: nothing is lost, and nothing pretends.

import { card, demoStudio, drag, live, person } from '../people.mjs';
import { Service } from '../service.mjs';
import { label, picture, until } from '../stage.mjs';

export const outages = [
  {
    name: 'work done without a network is kept, said, and sent',
    run: async ({ a, b, cable }) => {
      cable.pull();
      await until('Mei’s board says that it is not live', () => a.locator('#status').getAttribute('class'), (seen) => /waiting|offline/.test(seen ?? ''));
      await card(a, 'Handstand Workshop').focus();
      await a.keyboard.press('Alt+ArrowDown');
      await until('it says what is unsent', () => a.locator('#status').innerText(), (text) => /1 unsent/.test(text ?? ''));
      await b.locator('body').press('Escape');
      await drag(b, card(b, 'Boxing Foundations', 5), 5, 13);
      await picture(a, 'offline');
      cable.plug();
      await until('it is sent', () => label(card(b, 'Handstand Workshop')), (seen) => /14:45–16:15/.test(seen ?? ''), 30_000);
      await a.locator('#status.live').waitFor();
      await until('and Mei sees what Kenji did', () => label(card(a, 'Boxing Foundations', 5)), (seen) => /13:00–14:00/.test(seen ?? ''));
    },
  },
  {
    name: 'a reload keeps everything',
    run: async ({ a }) => {
      const cards = () => a.locator('.card[data-course]').evaluateAll((all) => all.map((one) => one.ariaLabel).sort());
      const before = await cards();
      await a.reload();
      await live(a);
      await until('the same classes', cards, (now) => JSON.stringify(now) === JSON.stringify(before));
    },
  },
  {
    name: 'a service that is restarted under open boards goes on where it was',
    run: async (stage) => {
      const service = await Service.begin();
      stage.ending.push(() => service.end());
      stage.e = await person(stage.browser, 'Mei', { base: service.address });
      const room = await demoStudio(stage.e);
      stage.f = await person(stage.browser, 'Kenji', { room, base: service.address });
      await live(stage.f);
      await service.stop();
      await until('the boards say so', () => stage.e.locator('#status').getAttribute('class'), (seen) => /waiting|offline/.test(seen ?? ''));
      await card(stage.e, 'Mat Pilates', 1).focus();
      await stage.e.keyboard.press('Alt+ArrowDown');
      await service.start();
      for (const page of [stage.e, stage.f]) {
        await page.locator('#status.live').waitFor({ timeout: 60_000 });
        await until('both have what was done meanwhile', () => label(card(page, 'Mat Pilates', 1)), (seen) => /09:15–10:05/.test(seen ?? ''));
      }
    },
  },
];
