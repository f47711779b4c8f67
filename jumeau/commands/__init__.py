"""The commands of the command line, a module each: its words, then what it does."""
