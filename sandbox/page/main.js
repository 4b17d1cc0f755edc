// Telegram in a box, the chat page: several people's phones side by side, and a bot that is a real program behind them.
//
// Hooks for tests (all of them stay as they are; labels are those of an English browser):
//   [data-person="ID"]      a phone; also role "region" named "Ana's phone" by the person's first name
//   [data-chat="ID"]        the open chat inside a phone; its chats are role "tab" with the chat's title
//   [data-message-id="ID"]  a bubble, a service line or a picture of an album (the album itself: article[data-album])
//   [data-part="text"]      a bubble's words without time and name
//   role "log"              the messages; each bubble is role "article" named "Sender, HH:MM"
//   role "group" "Buttons"  the keys beneath a bubble: role "button", or "link" where a key leads outside;
//                           aria-busy="true" until the bot answers; commands within a text are links
//   role "group" "Reply keyboard", role "textbox" "Message", buttons "Send", "Start", "Menu", "Attach", "More",
//   "Unblock the bot"; role "listbox" "Commands" or "Inline results" with role "option"
//   role "status" / role "alertdialog" inside a phone: what an answered callback shows; the alert has a button "OK"
//   top bar: role "group" "People" with a toggle for each person; buttons "Add", "Weather", "Theme: …"
//
// Address: ?people=1,2,3 chooses the phones, ?theme=light|dark|auto the theme.

import { Columns } from "./columns.js";
import { server } from "./server.js";
import { World } from "./state.js";
import { follow } from "./stream.js";
import { useTheme } from "./theme.js";
import { fillTopbar } from "./topbar.js";
import { Unread } from "./unread.js";
import { pageLanguage } from "./words.js";

document.documentElement.lang = pageLanguage;
useTheme();

const world = new World();
const unread = new Unread(world);
const columns = new Columns(world, unread, document.getElementById("columns"));
const tellLine = fillTopbar(document.getElementById("topbar"), world, columns);
follow(server, world, tellLine);
