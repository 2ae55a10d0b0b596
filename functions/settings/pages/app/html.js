// The three libraries of every view, from one place: `html` makes vnodes, `signal` holds state.
// Values in a template become text nodes or properties, never HTML; nothing here uses innerHTML.
import htm from "../vendor/htm.js";
import { Fragment, h, render } from "../vendor/preact.js";
import { batch, computed, effect, signal, untracked } from "../vendor/signals-core.js";

export const html = htm.bind(h);
export { batch, computed, effect, Fragment, render, signal, untracked };
