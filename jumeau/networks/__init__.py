"""The networks, one folder each; a network never imports another."""
