// NOTE FROM THE LEAD to the helper who writes this (08:28): stop here, please. A resolver of our own in every app's
// main.ts is too much magic for the gain (2.7x of 3x is enough). I have taken it out of App.ts and the templates.
// Delete this file, make sure that the work tree holds nothing of it (also docs, index.test.ts), clean the
// mortise-bench-*.sock files that the bench leaves in the temp folder (and make the bench remove them), send your report now.
