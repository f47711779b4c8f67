"""Other people's files: read into layers, and written from them."""
