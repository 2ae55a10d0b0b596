// An icon of Lucide, drawn as a mask in the colour of the text (styles/parts.css). Always beside words, never alone.
import { html } from "../html.js";

export const Icon = ({ name }) => html`<span class="icon icon-${name}" aria-hidden="true"></span>`;
