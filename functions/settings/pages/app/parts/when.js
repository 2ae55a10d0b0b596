// A moment: how long ago, with the exact time beside it.
import { html } from "../html.js";
import { distance, moment } from "../format.js";

export const When = ({ at }) => html`<time datetime=${at}>${moment(at)} <span class="quiet">(${distance(at)})</span></time>`;
export const Ago = ({ at }) => html`<time datetime=${at} title=${moment(at)}>${distance(at)}</time>`;
