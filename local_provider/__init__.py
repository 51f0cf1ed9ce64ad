"""The Pulumi provider of the `local` target: it keeps one folder, and the run time that serves from it, as declared."""
