// Changes that have not been sent.

import { BASE, card, live, person } from '../people.mjs';
import { accessible, picture, until } from '../stage.mjs';

export const unsent = [
  {
    name: 'unsent changes are counted, survive a reload, and are sent',
    run: async (stage) => {
      const { browser } = stage;
      const d = stage.d = await person(browser, 'Sofia');
      const link = { cut: false, open: new Set() };
      await d.routeWebSocket(/collaboration\/ws/, (socket) => {
        if (link.cut) return socket.close({ code: 4008 });
        socket.connectToServer();
        return link.open.add(socket);
      });
      await d.goto(`${BASE}#/room/${stage.room}`);
      await live(d);
      link.cut = true;
      for (const socket of link.open) await socket.close({ code: 4008 });
      await d.locator('#banner').getByText('Connection lost').waitFor();
      await card(d, 'Mat Pilates', 1).focus();
      await d.keyboard.press('Alt+ArrowDown');
      await until('it is counted', () => d.locator('#status').innerText(), (text) => /1 unsent/.test(text));
      await d.locator('#banner').getByText('1 change is kept in this browser').waitFor();
      await accessible(d, 'a board without a link');
      await picture(d, 'reconnecting');
      await d.reload();
      await until('it does not say live', () => d.locator('#status').innerText(), (text) => /Reconnecting/.test(text));
      await d.getByRole('button', { name: 'Retry now' }).click();
      await until('it was in vain', () => d.locator('#status').innerText(), (text) => /Reconnecting/.test(text));
      link.cut = false;
      await until('everybody has it', () => card(stage.b, 'Mat Pilates', 1).getAttribute('aria-label'), (text) => /09:15–10:05/.test(text ?? ''));
      await until('nothing is left', () => d.locator('#status').innerText(), (text) => text === 'Live');
    },
  },
];
