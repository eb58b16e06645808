/** The page: its store, its workers, its elements. */

import { announcer } from "./announce.js";
import { bindAddress } from "./address.js";
import { Bench, reporter } from "./bench.js";
import { Pool } from "./pool.js";
import { createStore } from "./store.js";
import { rememberTheme, rememberedTheme, showTheme } from "./theme.js";
import { define } from "./elements/all.js";
import { say } from "./dom.js";

const store = createStore();
const pool = new Pool({
  spawn: () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  report: reporter(store),
});
const bench = new Bench(store, pool, {
  preset: document.body.dataset.preset ?? "",
  records: new URL("../static/records/", import.meta.url),
});

bindAddress(store);
followTheme();
followVisibility();
speak();
define(store);
skip();
void bench.start();

function followTheme() {
  if (store.state.page.theme === "auto") showTheme(rememberedTheme());
  else showTheme(store.state.page.theme);
  store.follow((event, state) => {
    if (event.type === "asked" && state.page.theme !== "auto") showTheme(state.page.theme);
    if (event.type === "theme") {
      showTheme(state.page.theme);
      rememberTheme(state.page.theme);
    }
  });
}

function followVisibility() {
  const tell = () => store.send({ type: "hidden", hidden: document.visibilityState === "hidden" });
  document.addEventListener("visibilitychange", tell);
}

/** The fragment is the study's, so a skip link moves the focus itself. */
function skip() {
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[data-skip]"))) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      document.getElementById(link.hash.slice(1))?.focus();
    });
  }
}

function speak() {
  const live = document.getElementById("live");
  if (live) store.listen(announcer((text) => say(live, text)));
}
