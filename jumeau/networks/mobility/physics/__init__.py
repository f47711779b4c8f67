"""Pure functions on arrays: no SimPy, no file, no global."""
