"""Where to put how many sensors, for what benefit, how sure; see docs/sizing.md."""
