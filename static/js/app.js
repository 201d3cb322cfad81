// What makes the pages quicker by hand; every page works without it.
import "./shell.js";
import "./keyboard.js";
import "./combobox.js";
import "./entry.js";
import "./entry-figures.js";
import "./entry-draft.js";
