// What makes the pages quicker by hand; every page works without it.
import "./shell.js";
import "./keyboard.js";
import "./palette.js";
import "./combobox.js";
import "./entry.js";
import "./dialog.js";
import "./amend.js";
import "./entry-figures.js";
import "./entry-draft.js";
